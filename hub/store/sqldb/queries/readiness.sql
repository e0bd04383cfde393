-- name: shift_check_insert
INSERT INTO shift_checks (schedule_id, user_id, start_at, moment, at, reach) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING;

-- name: shift_check_list
SELECT schedule_id, user_id, start_at, moment FROM shift_checks WHERE start_at >= $1;

-- name: shift_check_forget
DELETE FROM shift_checks WHERE start_at < $1;

-- name: method_test_put
INSERT INTO method_tests (user_id, method_id, at, accepted) VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id, method_id) DO UPDATE SET at = excluded.at, accepted = excluded.accepted;

-- name: method_last
SELECT accepted FROM (
  SELECT answered_at AS at, accepted FROM deliveries
    WHERE user_id = $1 AND method_id = $2 AND method_id <> 'devices' AND answered_at IS NOT NULL
  UNION ALL
  SELECT answered_at, accepted FROM notice_sends WHERE user_id = $1 AND method_id = $2 AND answered_at IS NOT NULL
  UNION ALL
  SELECT at, accepted FROM method_tests WHERE user_id = $1 AND method_id = $2
) ORDER BY at DESC LIMIT 1;
