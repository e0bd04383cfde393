-- +goose Up

-- What a user has acknowledged, and how many pages of a user are open since when.
CREATE INDEX incidents_held ON incidents (holder) WHERE status = 'acknowledged';
CREATE INDEX pages_open_at ON pages (user_id, at, ended_at, low) WHERE ended_at IS NULL AND low = 0;
