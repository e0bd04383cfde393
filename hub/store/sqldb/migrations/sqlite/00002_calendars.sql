-- +goose Up

-- The secret addresses by which calendar programs read shifts: one for each
-- schedule (kind schedule) and user (kind user).
CREATE TABLE calendar_links (
  kind    TEXT NOT NULL,
  of      TEXT NOT NULL,
  hash    TEXT NOT NULL UNIQUE,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (kind, of)
) WITHOUT ROWID;
