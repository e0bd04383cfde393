package store

import (
	"time"

	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
)

// Heartbeats keeps what has come of heartbeat integrations.
type Heartbeats interface {
	// Heartbeat gives one. ErrNotFound for one that never pinged.
	Heartbeat(incident.IntegrationID) (heartbeat.Beat, error)
	// Heartbeats lists those that ever pinged.
	Heartbeats() ([]heartbeat.Beat, error)
	PutHeartbeat(heartbeat.Beat) error
	ForgetHeartbeat(incident.IntegrationID) error
	// DueHeartbeats lists those whose ping is missing, the longest due first.
	DueHeartbeats(now time.Time, limit int) ([]incident.IntegrationID, error)
	// NextHeartbeat is when the next ping will be missing; zero if none.
	NextHeartbeat() (time.Time, error)
}
