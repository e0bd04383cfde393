package rota

import (
	"context"
	"strings"
	"testing"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/store"
)

const withKeys = `
catch_all: [ada]
users: [{id: ada}]
escalation_policies: [{id: web, levels: [{timeout: 5m, targets: [{user: ada}]}]}]
services:
  - id: shop
    escalation_policy: web
    integrations:
      - {id: one, kind: events_v2, key_from: {file: /etc/one}}
      - {id: two, kind: events_v2, key_from: {env: TWO}}
`

var (
	keyA = strings.Repeat("a1", 16)
	keyB = strings.Repeat("b2", 16)
	keyC = strings.Repeat("c3", 16)
)

func TestKeySources(t *testing.T) {
	got := KeySources("", []byte(withKeys))
	if len(got) != 2 || got[0] != (KeySource{"one", "/etc/one", ""}) || got[1] != (KeySource{"two", "", "TWO"}) {
		t.Errorf("got %v", got)
	}
	if got := KeySources("", []byte("services: 1")); len(got) != 0 {
		t.Errorf("of a file with mistakes: %v", got)
	}
}

func TestGivenKeys(t *testing.T) {
	s, db := newService(t)
	with := func(one, two string) Request {
		return Request{File: []byte(withKeys), RoutingKeys: map[string]string{"one": one, "two": two}}
	}
	mustRefuse(t, s, Request{File: []byte(withKeys), RoutingKeys: map[string]string{"one": keyA}}, "services[0].integrations[1].key_from: the routing key was not given")
	mustRefuse(t, s, with(keyA, "short"), "tocsin.yaml:10:46: services[0].integrations[1].key_from: the routing key found there has 5 characters; expected 32")
	mustRefuse(t, s, with(keyA, strings.ToUpper(keyB)), "expected 32 lower-case hexadecimal ones")
	mustRefuse(t, s, with(keyA, keyA), `also that of "one"`)
	if owner(t, db, keyA, today) != "" {
		t.Error("a refused file left a key")
	}

	if r := applyRequest(t, s, with(keyA, keyB), today); len(r.RoutingKeys) > 0 {
		t.Errorf("given keys are shown: %v", r.RoutingKeys)
	}
	if r := applyRequest(t, s, with(keyA, keyB), today); len(r.Changes) > 0 || r.Revision != 1 {
		t.Errorf("the same keys again: %+v", r)
	}
	mustRefuse(t, s, with(keyB, keyC), "is or was in use already")

	r := applyRequest(t, s, with(keyC, keyB), today)
	if len(r.Changes) != 1 || r.Changes[0].String() != "integration one: routing key: replaced; the one before counts for 1d more" {
		t.Errorf("got %v", r.Changes)
	}
	for _, c := range []struct {
		key  string
		at   time.Time
		want string
	}{
		{keyC, today, "one"},
		{keyA, today.Add(KeyOverlap - time.Second), "one"},
		{keyA, today.Add(KeyOverlap), ""},
		{keyB, today.Add(KeyOverlap), "two"},
	} {
		if got := owner(t, db, c.key, c.at); got != c.want {
			t.Errorf("%s at %s: got %q, want %q", c.key, c.at, got, c.want)
		}
	}
	for _, at := range []time.Time{today, today.Add(2 * KeyOverlap)} { // whoever has the old key must not come in again
		if _, err := s.Apply(t.Context(), with(keyA, keyB), at); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a replaced key came back at %s: %v", at, err)
		}
	}
}

func TestRotateKey(t *testing.T) {
	s, db := newService(t)
	first := apply(t, s, string(readFile(t, "testdata/small.yaml"))).RoutingKeys[0]
	second, err := s.RotateKey(t.Context(), first.Integration, today)
	if err != nil || second.Key == first.Key || second.Integration != first.Integration || second.Kind != first.Kind {
		t.Errorf("got %+v, %v", second, err)
	}
	for key, until := range map[string]time.Time{first.Key: today.Add(KeyOverlap), second.Key: {}} {
		if owner(t, db, key, today) != first.Integration {
			t.Errorf("%s does not count", key)
		}
		if after := owner(t, db, key, today.Add(KeyOverlap)); (after == "") != !until.IsZero() {
			t.Errorf("%s a day later: %q", key, after)
		}
	}
	if _, err := s.RotateKey(t.Context(), "none", today); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
	applyRequest(t, s, Request{File: []byte(withKeys), RoutingKeys: map[string]string{"one": keyA, "two": keyB}}, today)
	if _, err := s.RotateKey(t.Context(), "one", today); fault.KindOf(err) != fault.Conflict {
		t.Errorf("got %v", err)
	}
}

// An integration that was removed and comes back starts with a key of its own.
func TestAReturningIntegrationGetsANewKey(t *testing.T) {
	s, db := newService(t)
	small := string(readFile(t, "testdata/small.yaml"))
	old := apply(t, s, small).RoutingKeys[0]
	apply(t, s, "owns: all\n"+strings.Replace(small, "      - {id: shop-events, kind: events_v2}\n", "", 1))
	back := apply(t, s, small).RoutingKeys
	if len(back) != 1 || back[0].Integration != old.Integration || back[0].Key == old.Key {
		t.Errorf("got %v", back)
	}
	if got := owner(t, db, old.Key, today); got != "" {
		t.Errorf("the old key still opens %q", got)
	}
}

func applyRequest(t *testing.T, s *Service, r Request, now time.Time) Result {
	t.Helper()
	result, err := s.Apply(context.Background(), r, now)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// owner finds whose key it is at a time.
func owner(t *testing.T, db store.Store, key string, at time.Time) (id string) {
	t.Helper()
	err := db.View(context.Background(), func(tx store.Tx) error {
		keys, err := tx.RoutingKeys(at)
		for _, k := range keys {
			if k.Hash == hashKey(key) {
				id = string(k.Integration)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
