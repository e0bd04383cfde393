-- The tokens of links and calls by which a page is answered without a device.

-- +goose Up
CREATE TABLE answer_tokens (
  hash        TEXT PRIMARY KEY,
  incident_id TEXT NOT NULL REFERENCES incidents (id),
  wave        INTEGER NOT NULL,
  user_id     TEXT NOT NULL,
  method_id   TEXT NOT NULL,
  opening     INTEGER NOT NULL,
  made_at     INTEGER NOT NULL,
  used_at     INTEGER
);
CREATE INDEX answer_tokens_made ON answer_tokens (made_at);
