-- +goose Up

-- Requests for cover are few among many incidents, and asked for by themselves.
CREATE INDEX incidents_cover ON incidents (number) WHERE cover <> '{}';
