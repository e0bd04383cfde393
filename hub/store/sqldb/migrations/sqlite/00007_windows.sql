-- +goose Up

-- What waits for the end of a maintenance is looked for by its service.
CREATE INDEX incidents_kept ON incidents (service_id, number) WHERE quiet_reason = 'maintenance';
