-- name: timeline_of
SELECT seq, at, kind, payload, salt, payload_hash, hash FROM timeline WHERE incident_id = $1 ORDER BY seq;

-- name: timeline_heads
SELECT id, number, entries, head, head_mac FROM incidents ORDER BY number;

-- name: timeline_orphans
SELECT COUNT(DISTINCT incident_id) FROM timeline WHERE incident_id NOT IN (SELECT id FROM incidents);

-- name: ledger_get
SELECT count, mac FROM ledger WHERE id = 1;

-- name: ledger_put
INSERT INTO ledger (id, count, mac) VALUES (1, $1, $2)
ON CONFLICT (id) DO UPDATE SET count = excluded.count, mac = excluded.mac;

-- name: timeline_head
SELECT entries, last_at, head FROM incidents WHERE id = $1;
