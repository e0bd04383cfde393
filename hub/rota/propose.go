package rota

import (
	"context"
	"time"

	"tocsin/hub/organisation"
	"tocsin/hub/store"
)

// Propose reads a file as the organisation that it would make of nothing, with
// no hub. A file with mistakes is fault.Invalid.
func Propose(name string, body []byte) (*organisation.Organisation, error) {
	set, err := propose(name, body, Documents{})
	if err != nil {
		return nil, err
	}
	return organisation.New(set), nil
}

// Propose reads a file as the organisation that applying it would make, with the
// absences that stand now. Nothing is changed.
func (s *Service) Propose(ctx context.Context, name string, body []byte) (*organisation.Organisation, error) {
	var absent organisation.Set
	base, current, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	set, err := propose(name, body, current)
	if err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx store.Tx) (err error) {
		absent, err = Load(tx, base.Number, time.Time{})
		return err
	})
	set.Absences, set.Gateways = absent.Absences, s.kinds
	planAbsences(set.Schedules, set.Absences)
	return organisation.New(set), err
}

func propose(name string, body []byte, current Documents) (organisation.Set, error) {
	file, problems := Parse(name, body)
	plan, more := file.Plan(current)
	more.List = append(more.List, problems.List...)
	more.More += problems.More
	if err := more.Err(); err != nil {
		return organisation.Set{}, err
	}
	return Build(plan.Documents)
}
