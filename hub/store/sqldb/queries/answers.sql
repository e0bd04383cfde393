-- name: token_insert
INSERT INTO answer_tokens (hash, user_id, method_id, code, made_at) VALUES ($1, $2, $3, $4, $5);

-- name: token_about_insert
INSERT INTO answer_about (hash, place, incident_id, wave, opening) VALUES ($1, $2, $3, $4, $5);

-- name: token_get
SELECT hash, user_id, method_id, code, made_at FROM answer_tokens WHERE hash = $1;

-- name: token_about
SELECT incident_id, wave, opening, used_at, used_for FROM answer_about WHERE hash = $1 ORDER BY place;

-- name: token_use
UPDATE answer_about SET used_at = $3, used_for = $4 WHERE hash = $1 AND incident_id = $2;

-- name: token_forget_about
DELETE FROM answer_about WHERE hash IN (SELECT hash FROM answer_tokens WHERE made_at < $1);

-- name: token_forget_calls
DELETE FROM calls WHERE hash IN (SELECT hash FROM answer_tokens WHERE made_at < $1);

-- name: token_forget
DELETE FROM answer_tokens WHERE made_at < $1;

-- name: tokens_of
SELECT hash FROM answer_tokens WHERE user_id = $1 AND made_at >= $2 ORDER BY made_at DESC, code DESC, hash LIMIT $3;

-- name: token_last_code
SELECT code FROM answer_tokens WHERE user_id = $1 AND made_at >= $2 AND code > 0 ORDER BY made_at DESC, code DESC LIMIT 1;

-- name: reply_get
SELECT hash, verb FROM replies WHERE id = $1;

-- name: reply_insert
INSERT INTO replies (id, hash, verb, at) VALUES ($1, $2, $3, $4);

-- name: reply_forget
DELETE FROM replies WHERE at < $1;

-- name: call_get
SELECT hash, tries, status, answered_at, again_at FROM calls WHERE hash = $1;

-- name: call_put
INSERT INTO calls (hash, tries, status, answered_at, again_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (hash) DO UPDATE SET tries = $2, status = $3, answered_at = $4, again_at = $5;

-- name: calls_again
SELECT hash FROM calls WHERE again_at IS NOT NULL ORDER BY again_at, hash;
