-- +goose Up

-- A token answers for one incident, or for all those that one message named:
-- each with what was answered for it.
CREATE TABLE answer_about (
  hash        TEXT NOT NULL,
  place       INTEGER NOT NULL,
  incident_id TEXT NOT NULL REFERENCES incidents (id),
  wave        INTEGER NOT NULL,
  opening     INTEGER NOT NULL,
  used_at     INTEGER,
  used_for    TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (hash, place)
) WITHOUT ROWID;
INSERT INTO answer_about (hash, place, incident_id, wave, opening, used_at, used_for)
  SELECT hash, 0, incident_id, wave, opening, used_at, CASE WHEN used_at IS NULL THEN '' ELSE 'acknowledge' END FROM answer_tokens;

-- code is the short number by which a text message is answered; 0: none.
CREATE TABLE answer_tokens_new (
  hash      TEXT PRIMARY KEY,
  user_id   TEXT NOT NULL,
  method_id TEXT NOT NULL,
  code      INTEGER NOT NULL,
  made_at   INTEGER NOT NULL
);
INSERT INTO answer_tokens_new (hash, user_id, method_id, code, made_at) SELECT hash, user_id, method_id, 0, made_at FROM answer_tokens;
DROP TABLE answer_tokens;
ALTER TABLE answer_tokens_new RENAME TO answer_tokens;
CREATE INDEX answer_tokens_made ON answer_tokens (made_at);
CREATE INDEX answer_tokens_user ON answer_tokens (user_id, made_at);

-- What was understood of each text message that came in, by the gateway's id of
-- it, so that one delivered twice means the same twice.
CREATE TABLE replies (
  id   TEXT PRIMARY KEY,
  hash TEXT NOT NULL,
  verb TEXT NOT NULL,
  at   INTEGER NOT NULL
);
CREATE INDEX replies_at ON replies (at);

-- How a call went, by its token, and when the next one is due.
CREATE TABLE calls (
  hash        TEXT PRIMARY KEY,
  tries       INTEGER NOT NULL,
  status      TEXT NOT NULL,
  answered_at INTEGER,
  again_at    INTEGER
);
CREATE INDEX calls_again ON calls (again_at) WHERE again_at IS NOT NULL;
