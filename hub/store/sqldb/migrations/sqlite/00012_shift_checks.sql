-- +goose Up
-- It had the number 19 once: what is there already stays.

-- At which moments of which shifts it was looked whether somebody can be reached,
-- so that no hub looks again.
CREATE TABLE IF NOT EXISTS shift_checks (
  schedule_id TEXT NOT NULL,
  user_id     TEXT NOT NULL,
  start_at    INTEGER NOT NULL,
  moment      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  reach       TEXT NOT NULL,
  PRIMARY KEY (schedule_id, user_id, start_at, moment)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shift_checks_start ON shift_checks (start_at);

-- What a gateway said last when somebody tried a contact method by hand.
CREATE TABLE IF NOT EXISTS method_tests (
  user_id   TEXT NOT NULL,
  method_id TEXT NOT NULL,
  at        INTEGER NOT NULL,
  accepted  INTEGER NOT NULL,
  PRIMARY KEY (user_id, method_id)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS deliveries_answered ON deliveries (user_id, method_id, answered_at)
  WHERE answered_at IS NOT NULL AND method_id <> 'devices';
CREATE INDEX IF NOT EXISTS notice_sends_answered ON notice_sends (user_id, method_id, answered_at) WHERE answered_at IS NOT NULL;
