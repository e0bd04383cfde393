-- name: token_insert
INSERT INTO answer_tokens (hash, incident_id, wave, user_id, method_id, opening, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: token_get
SELECT hash, incident_id, wave, user_id, method_id, opening, made_at, used_at FROM answer_tokens WHERE hash = $1;

-- name: token_use
UPDATE answer_tokens SET used_at = $2 WHERE hash = $1 AND used_at IS NULL;

-- name: token_forget
DELETE FROM answer_tokens WHERE made_at < $1;
