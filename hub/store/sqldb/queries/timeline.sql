-- name: timeline_of
SELECT seq, at, kind, payload, salt, payload_hash, hash FROM timeline WHERE incident_id = $1 ORDER BY seq;

-- name: timeline_heads
SELECT id, number, entries, head, head_mac FROM incidents ORDER BY number;

-- name: timeline_orphans
SELECT COUNT(DISTINCT incident_id) FROM timeline WHERE incident_id NOT IN (SELECT id FROM incidents);

-- name: ledger_get
SELECT incidents, entries, mac FROM ledger WHERE id = 1;

-- name: ledger_put
INSERT INTO ledger (id, incidents, entries, mac) VALUES (1, $1, $2, $3)
ON CONFLICT (id) DO UPDATE SET incidents = excluded.incidents, entries = excluded.entries, mac = excluded.mac;

-- name: ever_used
SELECT EXISTS (SELECT 1 FROM incidents) + EXISTS (SELECT 1 FROM timeline) + EXISTS (SELECT 1 FROM revisions)
     + EXISTS (SELECT 1 FROM clock);

-- name: last_number
SELECT COALESCE(MAX(number), 0) FROM incidents;

-- name: timeline_head
SELECT version, entries, last_at, head FROM incidents WHERE id = $1;
