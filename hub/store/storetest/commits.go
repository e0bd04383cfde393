package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"tocsin/hub/incident"
	"tocsin/hub/store"
)

var errOnPurpose = errors.New("on purpose")

func emptyAtFirst(_ *testing.T, f *fixture) {
	audit := f.audit()
	is(f, "incidents", audit.Incidents, 0)
	is(f, "problems", len(audit.Problems), 0)
	is(f, "revision", read(f, store.Tx.LatestRevision), store.Revision{})
	if wake := read(f, store.Tx.NextWake); !wake.IsZero() {
		f.Errorf("an empty database wakes at %v", wake)
	}
	for _, err := range []error{
		f.View(context.Background(), func(tx store.Tx) error { _, err := tx.Load("none"); return err }),
		f.View(context.Background(), func(tx store.Tx) error { _, err := tx.ByNumber(1); return err }),
		f.View(context.Background(), func(tx store.Tx) error { _, err := tx.ByAlert("none", "none"); return err }),
		f.View(context.Background(), func(tx store.Tx) error { _, err := tx.DeviceByCredential("none"); return err }),
		f.Update(context.Background(), func(tx store.Tx) error { return tx.RevokeDevice("none", noon) }),
		f.Update(context.Background(), func(tx store.Tx) error { return tx.Touch("none", incident.Alert{FirstAt: noon, LastAt: noon}) }),
		f.Update(context.Background(), func(tx store.Tx) error { _, err := tx.Save(plain(1), plain(1), nil); return err }),
	} {
		if !errors.Is(err, store.ErrNotFound) {
			f.Errorf("got %v, want ErrNotFound", err)
		}
	}
}

func reopens(_ *testing.T, f *fixture) {
	r := f.create(plain(1))
	f.open()
	is(f, "number", f.load(r.Incident.ID).Incident.Number, 1)
	is(f, "the next number", f.create(plain(2)).Incident.Number, 2)
	f.open()
	is(f, "problems", len(f.audit().Problems), 0)
}

func closes(_ *testing.T, f *fixture) {
	f.close()
	f.must(f.Close())
	nothing := func(store.Tx) error { f.Error("a closed store ran a transaction"); return nil }
	if f.Update(context.Background(), nothing) == nil || f.View(context.Background(), nothing) == nil {
		f.Error("a closed store took a call")
	}
}

// together commits jobs that come at once: the first holds the writer until the
// others wait behind it.
func together(f *fixture, jobs ...func(store.Tx) error) []error {
	var first, all sync.WaitGroup
	held, waiting := make(chan struct{}), make(chan struct{})
	first.Go(func() {
		_ = f.Update(context.Background(), func(store.Tx) error { close(held); <-waiting; return nil })
	})
	<-held
	errs := make([]error, len(jobs))
	var begun sync.WaitGroup
	for i, job := range jobs {
		begun.Add(1)
		all.Go(func() {
			begun.Done()
			errs[i] = f.Update(context.Background(), job)
		})
	}
	begun.Wait()
	close(waiting)
	first.Wait()
	all.Wait()
	return errs
}

func failsAlone(_ *testing.T, f *fixture) {
	var jobs []func(store.Tx) error
	for n := range 20 {
		jobs = append(jobs, func(tx store.Tx) error {
			_, err := tx.Create(plain(n), []incident.Entry{entry(noon, "made")})
			if err == nil && n%5 == 0 {
				err = errOnPurpose
			}
			return err
		})
	}
	for n, err := range together(f, jobs...) {
		if (n%5 == 0) != errors.Is(err, errOnPurpose) {
			f.Errorf("write %d answered %v", n, err)
		}
	}
	audit := f.audit()
	is(f, "incidents", audit.Incidents, 16)
	is(f, "entries", audit.Entries, 16)
	is(f, fmt.Sprint(audit.Problems), len(audit.Problems), 0)
}

func panicsAlone(_ *testing.T, f *fixture) {
	errs := together(f,
		func(tx store.Tx) error {
			_, err := tx.Create(plain(1), []incident.Entry{entry(noon, "made")})
			return err
		},
		func(tx store.Tx) error {
			if _, err := tx.Create(plain(2), []incident.Entry{entry(noon, "made")}); err != nil {
				return err
			}
			panic("on purpose")
		},
		func(tx store.Tx) error { return tx.SetAlive(noon) })
	if errs[0] != nil || errs[1] == nil || errs[2] != nil {
		f.Errorf("got %v", errs)
	}
	is(f, "incidents", f.audit().Incidents, 1)
	is(f, "the others' writes", read(f, store.Tx.LastAlive), noon)
}

func cancelled(_ *testing.T, f *fixture) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := f.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Create(plain(1), []incident.Entry{entry(noon, "made")})
		return err
	})
	if !errors.Is(err, context.Canceled) {
		f.Errorf("got %v", err)
	}
	// One who gives up while another writes.
	ctx, cancel = context.WithCancel(context.Background())
	errs := together(f,
		func(store.Tx) error { cancel(); return nil },
		func(tx store.Tx) error { return tx.SetAlive(noon) })
	is(f, "errors of the others", errors.Join(errs...), nil)
	if err := f.Update(ctx, func(tx store.Tx) error { return tx.SetGrace(noon) }); !errors.Is(err, context.Canceled) {
		f.Errorf("got %v", err)
	}
	is(f, "incidents", f.audit().Incidents, 0)
}

func consistentPicture(_ *testing.T, f *fixture) {
	first := f.create(plain(1))
	f.view(func(tx store.Tx) error {
		before, err := tx.Load(first.Incident.ID)
		if err != nil {
			return err
		}
		// A commit beside the reader changes what both lines say.
		after := before
		after.Incident.Summary = "changed"
		f.save(before, after, entry(noon, "changed"))
		f.create(plain(2))
		again, err := tx.Load(first.Incident.ID)
		if err != nil {
			return err
		}
		is(f, "the summary in the picture", again.Incident.Summary, before.Incident.Summary)
		audit, err := tx.Verify()
		is(f, "incidents in the picture", audit.Incidents, 1)
		is(f, "problems in the picture", len(audit.Problems), 0)
		return err
	})
	is(f, "the summary afterwards", f.load(first.Incident.ID).Incident.Summary, "changed")
}

func closesUnderWrites(_ *testing.T, f *fixture) {
	var writers sync.WaitGroup
	begun := make(chan struct{}, 8)
	acknowledged := make([]int, 8)
	for w := range 8 {
		writers.Go(func() {
			for n := 0; ; n++ {
				err := f.Update(context.Background(), func(tx store.Tx) error {
					_, err := tx.Create(plain(1000*w+n), []incident.Entry{entry(noon, "made")})
					return err
				})
				if err != nil {
					return
				}
				if acknowledged[w]++; n == 3 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range 8 {
		<-begun
	}
	f.close()
	writers.Wait()
	f.open()
	total := 0
	for _, n := range acknowledged {
		total += n
	}
	audit := f.audit()
	is(f, fmt.Sprint(audit.Problems), len(audit.Problems), 0)
	is(f, "incidents", audit.Incidents, total)
}
