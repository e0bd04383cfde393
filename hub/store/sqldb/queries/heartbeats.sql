-- name: heartbeat_get
SELECT integration_id, state, pinged_at, started_at, due_at, since FROM heartbeats WHERE integration_id = $1;

-- name: heartbeat_list
SELECT integration_id, state, pinged_at, started_at, due_at, since FROM heartbeats ORDER BY integration_id;

-- name: heartbeat_put
INSERT INTO heartbeats (integration_id, state, pinged_at, started_at, due_at, since) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (integration_id) DO UPDATE SET state = $2, pinged_at = $3, started_at = $4, due_at = $5, since = $6;

-- name: heartbeat_forget
DELETE FROM heartbeats WHERE integration_id = $1;

-- name: heartbeat_due
SELECT integration_id FROM heartbeats WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at, integration_id LIMIT $2;

-- name: heartbeat_next
SELECT MIN(due_at) FROM heartbeats WHERE due_at IS NOT NULL;
