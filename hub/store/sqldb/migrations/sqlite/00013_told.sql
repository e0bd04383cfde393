-- +goose Up
-- Which configuration people were last told of, and when: whose shifts moved since
-- is still to be told, whatever became of the hub.
CREATE TABLE told (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  revision INTEGER NOT NULL,
  at       INTEGER NOT NULL
);
