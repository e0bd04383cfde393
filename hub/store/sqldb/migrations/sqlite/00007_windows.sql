-- +goose Up

-- What has come of each heartbeat integration, and when its next ping is missing.
CREATE TABLE heartbeats (
  integration_id TEXT PRIMARY KEY,
  state          TEXT NOT NULL,
  pinged_at      INTEGER,
  started_at     INTEGER,
  due_at         INTEGER,
  since          INTEGER
);
CREATE INDEX heartbeats_due ON heartbeats (due_at) WHERE due_at IS NOT NULL;

-- Since when an alert's source is silent, so that its quiet proves nothing.
ALTER TABLE alerts ADD COLUMN silent_at INTEGER;
