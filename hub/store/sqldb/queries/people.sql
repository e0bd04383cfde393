-- name: report_get
SELECT answer, message FROM reports WHERE device_id = $1 AND id = $2;

-- name: report_put
INSERT INTO reports (device_id, id, answer, message, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (device_id, id) DO NOTHING;

-- name: report_forget
DELETE FROM reports WHERE at < $1;

-- name: revision_latest
SELECT number, at, by, note FROM revisions ORDER BY number DESC LIMIT 1;

-- name: told_get
SELECT revision, at FROM told;

-- name: told_put
INSERT INTO told (one, revision, at) VALUES (1, $1, $2)
ON CONFLICT (one) DO UPDATE SET revision = excluded.revision, at = excluded.at;

-- name: revision_at
SELECT number, at, by, note FROM revisions WHERE at <= $1 ORDER BY at DESC, number DESC LIMIT 1;

-- name: revision_insert
INSERT INTO revisions (number, at, by, note) VALUES ($1, $2, $3, $4);

-- name: object_list
SELECT o.kind, o.id, o.body FROM objects o
 WHERE o.revision = (SELECT MAX(p.revision) FROM objects p WHERE p.kind = o.kind AND p.id = o.id AND p.revision <= $1)
   AND o.body IS NOT NULL
 ORDER BY o.place, o.kind, o.id;

-- name: object_place
SELECT place FROM objects WHERE kind = $1 AND id = $2 AND body IS NOT NULL ORDER BY revision DESC LIMIT 1;

-- name: object_next_place
SELECT COALESCE(MAX(place), 0) + 1 FROM objects;

-- name: object_insert
INSERT INTO objects (kind, id, revision, place, body) VALUES ($1, $2, $3, $4, $5);

-- name: absence_list
SELECT id, user_id, start_at, end_at, made_at FROM absences WHERE end_at > $1 AND end_at > start_at ORDER BY start_at, id;

-- name: absence_insert
INSERT INTO absences (id, user_id, start_at, end_at, made_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING;

-- name: absence_end
UPDATE absences SET end_at = $2 WHERE user_id = $1 AND start_at <= $2 AND end_at > $2;

-- name: absence_end_one
UPDATE absences SET end_at = CASE WHEN start_at > $2 THEN start_at ELSE $2 END
 WHERE id = $1 AND end_at > $2 AND end_at > start_at;

-- name: device_list
SELECT id, user_id, name, os, enrolled_at, revoked_at FROM devices ORDER BY enrolled_at, id;

-- name: device_insert
INSERT INTO devices (id, user_id, name, os, enrolled_at, credential_hash) VALUES ($1, $2, $3, $4, $5, $6);

-- name: device_by_credential
SELECT id, user_id, name, os, enrolled_at, revoked_at FROM devices WHERE credential_hash = $1;

-- name: device_revoke
UPDATE devices SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL;

-- name: code_insert
INSERT INTO enrolment_codes (hash, user_id, expires_at) VALUES ($1, $2, $3);

-- name: code_get
SELECT user_id, expires_at, device_id FROM enrolment_codes WHERE hash = $1;

-- name: code_use
UPDATE enrolment_codes SET device_id = $2 WHERE hash = $1 AND device_id IS NULL;

-- name: routing_key_insert
INSERT INTO routing_keys (hash, integration_id, made_at) VALUES ($1, $2, $3);

-- name: routing_key_end
UPDATE routing_keys SET until = $2 WHERE integration_id = $1 AND hash <> $3 AND (until IS NULL OR until > $2);

-- name: routing_key_get
SELECT integration_id, until FROM routing_keys WHERE hash = $1;

-- name: routing_key_any
SELECT COUNT(*) FROM routing_keys WHERE integration_id = $1 AND (until IS NULL OR until > $2);

-- name: clock_get
SELECT at FROM clock WHERE name = $1;

-- name: clock_put
INSERT INTO clock (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = excluded.at;

-- name: routing_key_list
SELECT hash, integration_id, until FROM routing_keys WHERE until IS NULL OR until > $1;

-- name: calendar_link_put
INSERT INTO calendar_links (kind, of, hash, made_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (kind, of) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at;

-- name: calendar_link_get
SELECT kind, of FROM calendar_links WHERE hash = $1;

-- name: calendar_link_end
DELETE FROM calendar_links WHERE kind = $1 AND of = $2;

-- name: code_end
UPDATE enrolment_codes SET expires_at = $2 WHERE user_id = $1 AND device_id IS NULL AND expires_at > $2;
