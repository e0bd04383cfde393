-- Times are UTC milliseconds since 1970; NULL means never or not yet.

-- +goose Up
CREATE TABLE incidents (
  id              TEXT PRIMARY KEY,
  number          INTEGER NOT NULL UNIQUE,
  version         INTEGER NOT NULL,
  service_id      TEXT NOT NULL,
  status          TEXT NOT NULL,
  urgency         TEXT NOT NULL,
  severity        TEXT NOT NULL,
  summary         TEXT NOT NULL,
  source          TEXT NOT NULL,
  details         TEXT NOT NULL,
  links           TEXT NOT NULL,
  test            INTEGER NOT NULL,
  policy_id       TEXT NOT NULL,
  revision        INTEGER NOT NULL,
  opening         INTEGER NOT NULL,
  triggered_at    INTEGER NOT NULL,
  first_at        INTEGER NOT NULL,
  holder          TEXT NOT NULL,
  acknowledged_at INTEGER,
  quiet_until     INTEGER,
  quiet_reason    TEXT NOT NULL,
  resolved_at     INTEGER,
  course          TEXT NOT NULL,
  wake_at         INTEGER,
  -- The end of the timeline's chain; head_mac covers id, entries and head, so
  -- that a shortened timeline shows.
  entries         INTEGER NOT NULL,
  last_at         INTEGER NOT NULL,
  head            TEXT NOT NULL,
  head_mac        TEXT NOT NULL
);
CREATE INDEX incidents_due ON incidents (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX incidents_open ON incidents (number) WHERE status <> 'resolved';

-- The number stands in the key because the newest incident of an alert is the
-- one with the highest number; ids follow a clock, which may be set back.
CREATE TABLE alerts (
  integration_id TEXT NOT NULL,
  dedup_key      TEXT NOT NULL,
  number         INTEGER NOT NULL,
  incident_id    TEXT NOT NULL REFERENCES incidents (id),
  open           INTEGER NOT NULL,
  count          INTEGER NOT NULL,
  severity       TEXT NOT NULL,
  first_at       INTEGER NOT NULL,
  last_at        INTEGER NOT NULL,
  ended_at       INTEGER,
  PRIMARY KEY (integration_id, dedup_key, number)
) WITHOUT ROWID;
CREATE INDEX alerts_incident ON alerts (incident_id);

CREATE TABLE pages (
  incident_id TEXT NOT NULL REFERENCES incidents (id),
  wave        INTEGER NOT NULL,
  user_id     TEXT NOT NULL,
  opening     INTEGER NOT NULL,
  stage       TEXT NOT NULL,
  pass        INTEGER NOT NULL,
  level       INTEGER NOT NULL,
  round       INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  low         INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  failed_at   INTEGER,
  passed_on   INTEGER NOT NULL,
  handed_off  INTEGER NOT NULL,
  ended_at    INTEGER,
  outcome     TEXT NOT NULL,
  ended_by    TEXT NOT NULL,
  PRIMARY KEY (incident_id, wave, user_id)
) WITHOUT ROWID;
CREATE INDEX pages_open ON pages (user_id) WHERE ended_at IS NULL;
CREATE INDEX pages_ended ON pages (user_id, ended_at) WHERE ended_at IS NOT NULL;

-- One row for each method that a page travels by, in the order of use: the
-- only outbox.
CREATE TABLE deliveries (
  incident_id TEXT NOT NULL,
  wave        INTEGER NOT NULL,
  user_id     TEXT NOT NULL,
  place       INTEGER NOT NULL,
  method_id   TEXT NOT NULL,
  at          INTEGER NOT NULL,
  answered_at INTEGER,
  accepted    INTEGER NOT NULL,
  proofs      TEXT NOT NULL,
  PRIMARY KEY (incident_id, wave, user_id, place),
  FOREIGN KEY (incident_id, wave, user_id) REFERENCES pages (incident_id, wave, user_id)
) WITHOUT ROWID;

CREATE TABLE timeline (
  incident_id  TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  kind         TEXT NOT NULL,
  payload      TEXT,
  salt         TEXT,
  payload_hash TEXT NOT NULL,
  hash         TEXT NOT NULL,
  PRIMARY KEY (incident_id, seq)
) WITHOUT ROWID;

-- How many incidents and entries there are, sealed with the key, so that a
-- missing one shows, and one that was put back to what it was before.
CREATE TABLE ledger (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  incidents INTEGER NOT NULL,
  entries   INTEGER NOT NULL,
  mac       TEXT NOT NULL
);

CREATE TABLE reports (
  device_id TEXT NOT NULL,
  id        TEXT NOT NULL,
  answer    TEXT NOT NULL,
  message   TEXT NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (device_id, id)
) WITHOUT ROWID;
CREATE INDEX reports_at ON reports (at);

CREATE TABLE revisions (
  number INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  by     TEXT NOT NULL,
  note   TEXT NOT NULL
);

CREATE TABLE objects (
  kind     TEXT NOT NULL,
  id       TEXT NOT NULL,
  revision INTEGER NOT NULL REFERENCES revisions (number),
  place    INTEGER NOT NULL,
  body     TEXT,
  PRIMARY KEY (kind, id, revision)
) WITHOUT ROWID;

CREATE TABLE absences (
  id       TEXT PRIMARY KEY,
  user_id  TEXT NOT NULL,
  start_at INTEGER NOT NULL,
  end_at   INTEGER NOT NULL,
  made_at  INTEGER NOT NULL
);
CREATE INDEX absences_end ON absences (end_at);

CREATE TABLE devices (
  id              TEXT PRIMARY KEY,
  user_id         TEXT NOT NULL,
  name            TEXT NOT NULL,
  os              TEXT NOT NULL,
  enrolled_at     INTEGER NOT NULL,
  revoked_at      INTEGER,
  credential_hash TEXT NOT NULL UNIQUE
);

CREATE TABLE enrolment_codes (
  hash       TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  device_id  TEXT REFERENCES devices (id)
);

CREATE TABLE routing_keys (
  hash           TEXT PRIMARY KEY,
  integration_id TEXT NOT NULL,
  made_at        INTEGER NOT NULL,
  until          INTEGER
);
CREATE INDEX routing_keys_integration ON routing_keys (integration_id);

CREATE TABLE clock (
  name TEXT PRIMARY KEY,
  at   INTEGER NOT NULL
);
