package rota

import (
	"context"
	"errors"
	"time"

	"tocsin/hub/organisation"
	"tocsin/hub/store"
)

// Service applies configuration files to a store and exports what stands there.
// It is safe for concurrent use.
type Service struct {
	store store.Store
}

// New makes the service. It starts nothing.
func New(s store.Store) *Service { return &Service{store: s} }

// Request asks for a file to be applied.
type Request struct {
	File   []byte
	Name   string // of the file, for messages; "" is tocsin.yaml
	DryRun bool   // say what would change, change nothing
	// RoutingKeys are the keys that the file takes from files or the
	// environment, by integration id. The caller read them: see KeySources.
	RoutingKeys map[string]string
	By          string // who applies
}

// Result is what an apply changed, or would change.
type Result struct {
	Changes     []Change
	Warnings    []string
	RoutingKeys []RoutingKey // made for new integrations; not to be had again
	Revision    uint64       // that holds now
}

// Change is one thing added, changed or removed.
type Change struct {
	Verb   string   // added, changed, removed
	Kind   string   // user, team, schedule, escalation_policy, service, integration, …
	ID     string   // empty for the organisation
	Fields []string // "field: before → after"
}

// RoutingKey is a secret that was just made.
type RoutingKey struct {
	Integration string
	Service     string
	Kind        string
	Key         string // 32 lower-case hexadecimal characters
}

// Apply brings the hub to a file, in one transaction: all of it or nothing. The
// same file again changes nothing and makes no revision and no keys. A file with
// mistakes is fault.Invalid, whose sentence has one line for each.
func (s *Service) Apply(ctx context.Context, r Request, now time.Time) (Result, error) {
	return Result{}, errors.New("not yet written")
}

// Export writes the configuration as a file that Apply accepts with no change.
func (s *Service) Export(ctx context.Context) ([]byte, error) {
	return nil, errors.New("not yet written")
}

// RotateKey makes a new routing key for an integration; the older ones count for
// KeyOverlap more. fault.NotFound for an unknown integration, fault.Conflict for
// one whose key comes from outside the hub (key_from).
func (s *Service) RotateKey(ctx context.Context, integration string, now time.Time) (RoutingKey, error) {
	return RoutingKey{}, errors.New("not yet written")
}

// KeyOverlap is how long a replaced routing key goes on to count.
const KeyOverlap = 24 * time.Hour

// KeySource says where the caller of Apply finds a routing key; one of File and
// Env is set.
type KeySource struct {
	Integration string
	File        string
	Env         string
}

// KeySources lists the routing keys that a file takes from outside. A file that
// cannot be read is fault.Invalid.
func KeySources(name string, file []byte) ([]KeySource, error) {
	return nil, errors.New("not yet written")
}

// Load gives everything that organisation.New needs, as the configuration stood
// at a revision (0: nothing was ever applied), with all devices that are not
// revoked and the absences that end after since.
func Load(tx store.Tx, revision uint64, since time.Time) (organisation.Set, error) {
	return organisation.Set{}, errors.New("not yet written")
}
