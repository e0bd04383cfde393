-- +goose Up

-- What people are told beside pages, each once. A device of the user has shown
-- it at seen_at.
CREATE TABLE notices (
  user_id  TEXT NOT NULL,
  id       TEXT NOT NULL,
  title    TEXT NOT NULL,
  text     TEXT NOT NULL,
  made_at  INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  via      TEXT NOT NULL,
  seen_at  INTEGER,
  PRIMARY KEY (user_id, id)
) WITHOUT ROWID;
CREATE INDEX notices_unseen ON notices (until_at) WHERE seen_at IS NULL;
CREATE INDEX notices_made ON notices (made_at);

-- One row for each contact method that a notice goes by: the outbox.
CREATE TABLE notice_sends (
  user_id     TEXT NOT NULL,
  notice_id   TEXT NOT NULL,
  place       INTEGER NOT NULL,
  method_id   TEXT NOT NULL,
  answered_at INTEGER,
  accepted    INTEGER NOT NULL DEFAULT 0,
  said        TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (user_id, notice_id, place),
  FOREIGN KEY (user_id, notice_id) REFERENCES notices (user_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX notice_sends_open ON notice_sends (user_id) WHERE answered_at IS NULL;
