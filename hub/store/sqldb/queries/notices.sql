-- name: notice_insert
INSERT INTO notices (user_id, id, title, text, made_at, until_at, via) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (user_id, id) DO NOTHING;

-- name: notice_send_insert
INSERT INTO notice_sends (user_id, notice_id, place, method_id) VALUES ($1, $2, $3, $4);

-- name: notice_list
SELECT user_id, id, title, text, made_at, until_at, via, seen_at FROM notices
WHERE user_id = $1 ORDER BY made_at DESC, id LIMIT $2;

-- name: notice_unseen
SELECT user_id, id, title, text, made_at, until_at, via, seen_at FROM notices
WHERE seen_at IS NULL AND until_at > $1 AND ($2 = '' OR user_id = $2) ORDER BY made_at, user_id, id;

-- name: notice_unsent
SELECT user_id, id, title, text, made_at, until_at, via, seen_at FROM notices
WHERE (user_id, id) IN (SELECT user_id, notice_id FROM notice_sends WHERE answered_at IS NULL)
ORDER BY made_at, user_id, id;

-- name: notice_sends
SELECT method_id, answered_at, accepted, said FROM notice_sends WHERE user_id = $1 AND notice_id = $2 ORDER BY place;

-- name: notice_see
UPDATE notices SET seen_at = coalesce(seen_at, $3) WHERE user_id = $1 AND id = $2;

-- name: notice_send_note
UPDATE notice_sends SET said = $4 WHERE user_id = $1 AND notice_id = $2 AND method_id = $3 AND answered_at IS NULL;

-- name: notice_send_answer
UPDATE notice_sends SET answered_at = $4, accepted = $5, said = $6
WHERE user_id = $1 AND notice_id = $2 AND method_id = $3 AND answered_at IS NULL;

-- name: notice_forget
DELETE FROM notices WHERE made_at < $1;
