package storetest

import (
	"testing"
	"time"

	"tocsin/hub/notice"
	"tocsin/hub/readiness"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

func shiftChecks(_ *testing.T, f *fixture) {
	key := readiness.Key{Schedule: "primary", User: "ada", Start: noon, Moment: readiness.AtStart}
	add := func(k readiness.Key) (added bool) {
		f.update(func(tx store.Tx) (err error) {
			added, err = tx.AddCheck(k, readiness.Yes, noon)
			return err
		})
		return added
	}
	is(f, "noted", add(key), true)
	is(f, "noted again", add(key), false)
	for _, other := range []readiness.Key{
		{Schedule: "secondary", User: "ada", Start: noon, Moment: readiness.AtStart},
		{Schedule: "primary", User: "bob", Start: noon, Moment: readiness.AtStart},
		{Schedule: "primary", User: "ada", Start: noon.Add(-time.Hour), Moment: readiness.AtStart},
		{Schedule: "primary", User: "ada", Start: noon, Moment: readiness.DayBefore},
	} {
		is(f, "another one noted", add(other), true)
	}
	checks := read(f, func(tx store.Tx) (map[readiness.Key]bool, error) { return tx.Checks(noon) })
	is(f, "of shifts from noon on", len(checks), 4)
	is(f, "this one", checks[key], true)
	f.update(func(tx store.Tx) error { return tx.ForgetChecks(noon) })
	is(f, "kept", len(read(f, func(tx store.Tx) (map[readiness.Key]bool, error) { return tx.Checks(noon.Add(-24 * time.Hour)) })), 4)
}

func methodsWorked(_ *testing.T, f *fixture) {
	worked := func(m responder.MethodID) string {
		var answer string
		f.view(func(tx store.Tx) error {
			ok, used, err := tx.MethodWorked("ada", m)
			answer = map[bool]string{true: "worked", false: "failed"}[ok]
			if !used {
				answer = "never used"
			}
			return err
		})
		return answer
	}
	is(f, "at first", worked("mail"), "never used")
	f.addNotice(someNotice("a", "ada", 0), "mail", "phone")
	is(f, "on its way", worked("mail"), "never used")
	answer := func(m responder.MethodID, after time.Duration, ok bool) {
		f.update(func(tx store.Tx) error {
			return tx.AnswerSend("ada", "a", notice.Send{Method: m, Answered: noon.Add(after), Accepted: ok})
		})
	}
	answer("mail", time.Minute, true)
	answer("phone", time.Minute, false)
	is(f, "accepted", worked("mail"), "worked")
	is(f, "refused", worked("phone"), "failed")
	for _, c := range []struct {
		after time.Duration
		ok    bool
		want  string
	}{{0, true, "failed"}, {2 * time.Minute, true, "worked"}, {3 * time.Minute, false, "failed"}} {
		f.update(func(tx store.Tx) error { return tx.NoteMethodTest("ada", "phone", c.ok, noon.Add(c.after)) })
		is(f, "after a test", worked("phone"), c.want)
	}
}
