-- name: incident_load
SELECT id, number, version, service_id, status, urgency, severity, summary, source, details, links, test,
       policy_id, revision, opening, triggered_at, first_at, holder, acknowledged_at, quiet_until, quiet_reason,
       resolved_at, course, wake_at, entries, last_at, head, turn,
       merged_into, priority, group_key, reopenings, resolve_due, cover
  FROM incidents WHERE id = $1;

-- name: incident_list
SELECT id FROM incidents
 WHERE (status <> 'resolved' OR $1 = 1) AND (number < $2 OR $2 = 0)
 ORDER BY number DESC LIMIT $3;

-- name: incident_by_number
SELECT id FROM incidents WHERE number = $1;

-- name: incident_by_alert
SELECT i.id, i.number, i.version, i.service_id, i.status, i.urgency, i.severity, i.summary, i.source, i.details, i.links,
       i.test, i.policy_id, i.revision, i.opening, i.triggered_at, i.first_at, i.holder, i.acknowledged_at, i.quiet_until,
       i.quiet_reason, i.resolved_at, i.course, i.wake_at, i.entries, i.last_at, i.head,
       i.turn, i.merged_into, i.priority, i.group_key, i.reopenings, i.resolve_due, i.cover
  FROM alerts a JOIN incidents i ON i.id = a.incident_id
 WHERE a.integration_id = $1 AND a.dedup_key = $2 ORDER BY a.number DESC LIMIT 1;

-- name: incident_by_group
SELECT id, number, version, service_id, status, urgency, severity, summary, source, details, links, test,
       policy_id, revision, opening, triggered_at, first_at, holder, acknowledged_at, quiet_until, quiet_reason,
       resolved_at, course, wake_at, entries, last_at, head, turn,
       merged_into, priority, group_key, reopenings, resolve_due, cover
  FROM incidents WHERE group_key = $1 AND group_key <> '' ORDER BY number DESC LIMIT 1;

-- name: incident_kept
SELECT id FROM incidents
 WHERE status <> 'resolved' AND status = 'triggered' AND service_id = $1 AND quiet_reason IN ('maintenance', 'support_hours')
 ORDER BY number DESC LIMIT 1;

-- name: incident_insert
INSERT INTO incidents (id, number, version, service_id, status, urgency, severity, summary, source, details, links,
       test, policy_id, revision, opening, triggered_at, first_at, holder, acknowledged_at, quiet_until, quiet_reason,
       resolved_at, course, wake_at, entries, last_at, head, head_mac, turn,
       merged_into, priority, group_key, reopenings, resolve_due, cover)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
        $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35);

-- name: incident_update
UPDATE incidents SET version = $3, service_id = $4, status = $5, urgency = $6, severity = $7, summary = $8,
       source = $9, details = $10, links = $11, test = $12, policy_id = $13, revision = $14, opening = $15,
       triggered_at = $16, first_at = $17, holder = $18, acknowledged_at = $19, quiet_until = $20, quiet_reason = $21,
       resolved_at = $22, course = $23, wake_at = $24, entries = $25, last_at = $26, head = $27, head_mac = $28, turn = $29,
       merged_into = $30, priority = $31, group_key = $32, reopenings = $33, resolve_due = $34, cover = $35
 WHERE id = $1 AND number = $2 AND version = $36;

-- name: incident_last_turn
SELECT turn FROM incidents WHERE policy_id = $1 ORDER BY number DESC LIMIT 1;

-- name: incident_due
SELECT id FROM incidents WHERE wake_at IS NOT NULL AND wake_at <= $1 ORDER BY wake_at LIMIT $2;

-- name: incident_next_wake
SELECT MIN(wake_at) FROM incidents WHERE wake_at IS NOT NULL;

-- name: incident_wake_open
UPDATE incidents SET wake_at = $1 WHERE status <> 'resolved';

-- name: incident_open
SELECT id FROM incidents WHERE status <> 'resolved' ORDER BY number;

-- name: incident_covers
SELECT id FROM incidents WHERE cover <> '{}' AND (status <> 'resolved' OR resolved_at >= $1) ORDER BY number;

-- name: pages_crowd
SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM pages WHERE user_id = $1 AND ended_at IS NULL AND low = 0 AND at >= $2 LIMIT $3)),
       (SELECT MIN(at) FROM pages WHERE user_id = $1 AND ended_at IS NULL AND low = 0);

-- name: incident_held_by
SELECT id FROM incidents WHERE holder = $1 AND status = 'acknowledged' ORDER BY number;

-- name: incident_count_open
SELECT COUNT(*) FROM incidents WHERE status <> 'resolved';

-- name: alerts_of
SELECT integration_id, dedup_key, open, count, severity, first_at, last_at, ended_at, silent_at
  FROM alerts WHERE incident_id = $1 ORDER BY first_at, integration_id, dedup_key;

-- name: alert_insert
INSERT INTO alerts (number, incident_id, integration_id, dedup_key, open, count, severity, first_at, last_at, ended_at, silent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: alert_update
UPDATE alerts SET open = $4, count = $5, severity = $6, first_at = $7, last_at = $8, ended_at = $9, silent_at = $10
 WHERE integration_id = $2 AND dedup_key = $3 AND number = (SELECT number FROM incidents WHERE id = $1);

-- name: pages_now
SELECT wave, user_id, opening, stage, pass, level, round, reason, low, at, failed_at, passed_on, handed_off, ended_at,
       outcome, ended_by
  FROM pages WHERE incident_id = $1 AND (ended_at IS NULL OR pass >= $2) ORDER BY wave, user_id;

-- name: pages_all
SELECT wave, user_id, opening, stage, pass, level, round, reason, low, at, failed_at, passed_on, handed_off, ended_at,
       outcome, ended_by
  FROM pages WHERE incident_id = $1 ORDER BY wave, user_id;

-- name: page_insert
INSERT INTO pages (incident_id, wave, user_id, opening, stage, pass, level, round, reason, low, at, failed_at,
       passed_on, handed_off, ended_at, outcome, ended_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

-- name: page_update
UPDATE pages SET opening = $4, stage = $5, pass = $6, level = $7, round = $8, reason = $9, low = $10, at = $11,
       failed_at = $12, passed_on = $13, handed_off = $14, ended_at = $15, outcome = $16, ended_by = $17
 WHERE incident_id = $1 AND wave = $2 AND user_id = $3;

-- name: pages_open_of
SELECT DISTINCT incident_id FROM pages WHERE user_id = $1 AND ended_at IS NULL ORDER BY incident_id;

-- name: pages_open_with_incident
SELECT p.wave, p.user_id, p.opening, p.stage, p.pass, p.level, p.round, p.reason, p.low, p.at, p.failed_at, p.passed_on, p.handed_off,
       i.id, i.number, i.service_id, i.status, i.urgency, i.severity, i.summary, i.source, i.test, i.opening, i.triggered_at, i.first_at,
       i.merged_into, i.priority, i.cover
  FROM pages p JOIN incidents i ON i.id = p.incident_id
 WHERE p.user_id = $1 AND p.ended_at IS NULL ORDER BY p.at, i.number, p.wave;

-- name: pages_count_open
SELECT COUNT(*) FROM pages WHERE user_id = $1 AND ended_at IS NULL AND at >= $2;

-- name: pages_ended_of
SELECT DISTINCT incident_id FROM pages WHERE user_id = $1 AND ended_at IS NOT NULL AND ended_at >= $2 ORDER BY incident_id;

-- name: deliveries_of
SELECT wave, user_id, method_id, at, answered_at, accepted, proofs
  FROM deliveries WHERE incident_id = $1 AND wave >= $2 ORDER BY wave, user_id, place;

-- name: delivery_insert
INSERT INTO deliveries (incident_id, wave, user_id, place, method_id, at, answered_at, accepted, proofs)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: delivery_update
UPDATE deliveries SET method_id = $5, at = $6, answered_at = $7, accepted = $8, proofs = $9
 WHERE incident_id = $1 AND wave = $2 AND user_id = $3 AND place = $4;

-- name: incident_triggered
SELECT id, number, service_id, severity, test, first_at, acknowledged_at
  FROM incidents WHERE first_at >= $1 AND first_at < $2 ORDER BY number;
