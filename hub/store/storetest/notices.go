package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tocsin/hub/notice"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

func someNotice(id string, u responder.UserID, after time.Duration) notice.Notice {
	return notice.Notice{
		ID: id, User: u, Title: "A title", Text: "A sentence. Another.", Made: noon.Add(after), Until: noon.Add(24 * time.Hour), Via: notice.ViaEvery,
	}
}

// same compares what has no ==.
func same(f *fixture, what string, got, want any) {
	f.Helper()
	is(f, what, fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
}

// addNotice stores a notice; true if it was not there.
func (f *fixture) addNotice(n notice.Notice, methods ...responder.MethodID) bool {
	f.Helper()
	var added bool
	f.update(func(tx store.Tx) (err error) {
		added, err = tx.AddNotice(n, methods)
		return err
	})
	return added
}

func notices(_ *testing.T, f *fixture) {
	first, second := someNotice("shift/a", "ada", 0), someNotice("shift/b", "ada", time.Minute)
	is(f, "added", f.addNotice(first, "mail", "phone"), true)
	again := first
	again.Title = "Another title"
	is(f, "added again", f.addNotice(again, "sms"), false)
	is(f, "added for another user", f.addNotice(someNotice("shift/a", "bob", 0)), true)
	is(f, "another one", f.addNotice(second, "mail"), true)
	list := func() []notice.Told {
		return read(f, func(tx store.Tx) ([]notice.Told, error) { return tx.Notices("ada", 10) })
	}
	unseen := func(u responder.UserID, at time.Time) (ids []string) {
		for _, n := range read(f, func(tx store.Tx) ([]notice.Notice, error) { return tx.Unseen(u, at) }) {
			ids = append(ids, string(n.User)+":"+n.ID)
		}
		return ids
	}
	same(f, "kept, the newest first", list(), []notice.Told{
		{Notice: second, Sends: []notice.Send{{Method: "mail"}}},
		{Notice: first, Sends: []notice.Send{{Method: "mail"}, {Method: "phone"}}},
	})
	same(f, "unseen by ada", unseen("ada", noon), []string{"ada:shift/a", "ada:shift/b"})
	same(f, "unseen by anybody", unseen("", noon), []string{"ada:shift/a", "bob:shift/a", "ada:shift/b"})
	same(f, "unseen when of no more use", unseen("", noon.Add(24*time.Hour)), []string(nil))
	is(f, "one only", len(read(f, func(tx store.Tx) ([]notice.Told, error) { return tx.Notices("ada", 1) })), 1)

	f.update(func(tx store.Tx) error {
		return errors.Join(
			tx.SeeNotice("ada", "shift/a", noon.Add(time.Second)), tx.SeeNotice("ada", "shift/a", noon.Add(time.Hour)),
			tx.NoteSend("ada", "shift/a", "phone", "busy"),
			tx.AnswerSend("ada", "shift/a", notice.Send{Method: "mail", Answered: noon.Add(time.Minute), Accepted: true, Said: "took it"}),
			tx.AnswerSend("ada", "shift/a", notice.Send{Method: "mail", Answered: noon.Add(time.Hour), Said: "no"}),
			tx.NoteSend("ada", "shift/a", "mail", "too late"),
		)
	})
	same(f, "what became of it", list()[1], notice.Told{Notice: first, Seen: noon.Add(time.Second), Sends: []notice.Send{
		{Method: "mail", Answered: noon.Add(time.Minute), Accepted: true, Said: "took it"}, {Method: "phone", Said: "busy"},
	}})
	same(f, "unseen then", unseen("ada", noon), []string{"ada:shift/b"})
	var unsent []string
	for _, n := range read(f, store.Tx.Unsent) {
		unsent = append(unsent, n.ID)
	}
	same(f, "not yet sent by every way", unsent, []string{"shift/a", "shift/b"})
	err := f.Update(context.Background(), func(tx store.Tx) error { return tx.SeeNotice("bob", "shift/b", noon) })
	if !errors.Is(err, store.ErrNotFound) {
		f.Errorf("another user's notice was seen: %v", err)
	}
}

func noticesForgotten(_ *testing.T, f *fixture) {
	f.addNotice(someNotice("old", "ada", -time.Hour), "mail")
	f.addNotice(someNotice("new", "ada", 0), "mail")
	f.update(func(tx store.Tx) error { return tx.ForgetNotices(noon) })
	is(f, "unsent", len(read(f, store.Tx.Unsent)), 1)
	is(f, "what was forgotten can come anew", f.addNotice(someNotice("old", "ada", -time.Hour), "mail"), true)
	is(f, "with its ways", len(read(f, func(tx store.Tx) ([]notice.Told, error) { return tx.Notices("ada", 10) })[1].Sends), 1)
}
