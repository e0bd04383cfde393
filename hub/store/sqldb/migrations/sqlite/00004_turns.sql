-- +goose Up

-- Whose turn it is at round-robin levels: the how manieth incident of its policy
-- this one is.
ALTER TABLE incidents ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
CREATE INDEX incidents_policy ON incidents (policy_id, number);
