package rota

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/organisation"
	"tocsin/hub/store"
)

// Service applies configuration files to a store and exports what stands there.
// It is safe for concurrent use.
type Service struct {
	store store.Store
	kinds []string
}

// New makes the service. It starts nothing. kinds are those of contact methods
// that the hub can send by; without any, every kind counts.
func New(s store.Store, kinds ...string) *Service { return &Service{store: s, kinds: kinds} }

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

// RoutingKey is a secret that was just made.
type RoutingKey struct {
	Integration string
	Service     string
	Kind        string
	Key         string // 32 lower-case hexadecimal characters
}

// KeyOverlap is how long a replaced routing key goes on to count.
const KeyOverlap = 24 * time.Hour

// errMoved: somebody else applied something between planning and writing.
var errMoved = errors.New("the configuration was changed meanwhile")

// attempts bounds how often an apply starts again because of others.
const attempts = 5

// Apply brings the hub to a file, in one transaction: all of it or nothing. The
// same file again changes nothing and makes no revision and no keys. A file with
// mistakes is fault.Invalid, whose sentence has one line for each;
// fault.Unavailable means that others applied at the same time, again and again.
//
// Planning takes a while for a large organisation, so it is done on a picture of
// the store; only the writing holds up others, and only if the picture still
// holds.
func (s *Service) Apply(ctx context.Context, r Request, now time.Time) (Result, error) {
	file, problems := Parse(r.Name, r.File)
	for range attempts {
		base, current, err := s.current(ctx)
		if err != nil {
			return Result{}, err
		}
		plan, more := file.Plan(current)
		more.List = append(append(more.List, problems.List...), file.keyProblems(r.RoutingKeys)...)
		more.More += problems.More
		if err := more.Err(); err != nil {
			return Result{}, err
		}
		plan.gateways = s.kinds
		if plan.absences, err = s.absences(ctx, now); err != nil {
			return Result{}, err
		}
		a := application{request: r, file: file, plan: plan, base: base, now: now}
		a.warnings = plan.Warnings(now)
		result, err := a.run(ctx, s.store)
		if !errors.Is(err, errMoved) {
			return result, err
		}
	}
	return Result{}, fault.New(fault.Unavailable, "others changed the configuration at the same time; try again")
}

// current gives the newest revision and what stands in it.
func (s *Service) current(ctx context.Context) (base store.Revision, d Documents, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		if base, err = tx.LatestRevision(); err != nil {
			return err
		}
		d, err = documentsAt(tx, base.Number)
		return err
	})
	return base, d, err
}

func documentsAt(tx store.Rota, revision uint64) (Documents, error) {
	if revision == 0 {
		return Documents{}, nil
	}
	objects, err := tx.Objects(revision)
	if err != nil {
		return Documents{}, err
	}
	d, err := documentsOf(objects)
	if err != nil {
		err = unreadable{err}
	}
	return d, err
}

// unreadable is what is wrong with documents that are stored, and not with the
// database: it does not pass.
type unreadable struct{ error }

func (u unreadable) Unwrap() error { return u.error }

// Export writes the configuration as a file that Apply accepts with no change.
func (s *Service) Export(ctx context.Context) ([]byte, error) {
	base, d, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	header := fmt.Sprintf("# The configuration of the hub of %s: revision %d", cmp.Or(d.Organisation.Name, "nobody yet"), base.Number)
	if base.Number > 0 {
		header += fmt.Sprintf(", in force since %s", base.At.UTC().Format(time.RFC3339))
	}
	file := append([]byte(header+".\n# Routing keys are not part of it.\n"), d.YAML()...)
	return append(file, d.overrideComments()+d.maintenanceComments()+d.absenceComments()...), nil
}

// Load gives everything that organisation.New needs, as the configuration stood
// at a revision (0: nothing was ever applied), with all devices that are not
// revoked and the absences that end after since (zero: all).
//
// An absence that was entered a day ahead is planned: the schedules reckon with
// it. Any other only keeps its user from being paged.
func Load(tx store.Tx, revision uint64, since time.Time) (organisation.Set, error) {
	d, err := documentsAt(tx, revision)
	if err != nil {
		return organisation.Set{}, err
	}
	set, err := Build(d)
	if err != nil {
		return organisation.Set{}, unreadable{err}
	}
	set.Revision = revision
	if since.IsZero() {
		since = time.Unix(0, 0) // all: a store may take the zero time for no time
	}
	if set.Absences, err = tx.Absences(since); err != nil {
		return organisation.Set{}, err
	}
	devices, err := tx.Devices()
	if err != nil {
		return organisation.Set{}, err
	}
	for _, d := range devices {
		if d.Revoked.IsZero() {
			set.Devices = append(set.Devices, d)
		}
	}
	planAbsences(set.Schedules, set.Absences)
	return set, nil
}
