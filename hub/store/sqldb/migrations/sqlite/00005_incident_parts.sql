-- +goose Up

-- What an incident became part of, how much it matters, what later events have in
-- common with it, how often it came back of late, the resolve that is held back
-- meanwhile, and the shifts that it asks somebody to take over.
ALTER TABLE incidents ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN priority TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN group_key TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN reopenings TEXT NOT NULL DEFAULT 'null';
ALTER TABLE incidents ADD COLUMN resolve_due INTEGER;
ALTER TABLE incidents ADD COLUMN cover TEXT NOT NULL DEFAULT '{}';
CREATE INDEX incidents_group ON incidents (group_key, number) WHERE group_key <> '';
