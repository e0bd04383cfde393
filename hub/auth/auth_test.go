package auth_test

import (
	"context"
	"errors"
	"regexp"
	"testing"
	"time"

	"tocsin/hub/auth"
	"tocsin/hub/fault"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// asked is a store that knows one device, and lets the test act while it is
// asked.
type asked struct {
	store.Store
	store.Tx
	device  responder.Device
	meeting func()
	times   int
}

func (a *asked) View(_ context.Context, fn func(store.Tx) error) error { return fn(a) }

func (a *asked) DeviceByCredential(hash string) (responder.Device, error) {
	a.times++
	if hash != auth.Hash("secret") {
		return responder.Device{}, store.ErrNotFound
	}
	found := a.device
	if a.meeting != nil {
		a.meeting()
	}
	return found, nil
}

func TestADeviceIsLookedUpOnce(t *testing.T) {
	s := &asked{device: responder.Device{ID: "d1"}}
	devices := auth.NewDevices(s)
	for range 3 {
		if d, err := devices.ByCredential(context.Background(), "secret"); err != nil || d.ID != "d1" {
			t.Fatal(d, err)
		}
	}
	if s.times != 1 {
		t.Errorf("asked the store %d times", s.times)
	}
}

func TestADeviceThatIsRevokedWhileItIsLookedUpIsNotRemembered(t *testing.T) {
	s := &asked{device: responder.Device{ID: "d1"}}
	devices := auth.NewDevices(s)
	s.meeting = func() { // after it was read, before it is remembered
		s.meeting = nil
		s.device.Revoked = time.Unix(1, 0)
		devices.Forget()
	}
	_, _ = devices.ByCredential(context.Background(), "secret") // it was not revoked when it was read
	if _, err := devices.ByCredential(context.Background(), "secret"); fault.KindOf(err) != fault.Denied {
		t.Errorf("the next call: %v", err)
	}
}

func TestStrangersAreDeniedInWords(t *testing.T) {
	devices := auth.NewDevices(&asked{})
	for _, credential := range []string{"", "unknown"} {
		_, err := devices.ByCredential(context.Background(), credential)
		if fault.KindOf(err) != fault.Denied || fault.Sentence(err) == "" || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", credential, err)
		}
	}
}

func TestCodesCanBeReadOutAndTypedCarelessly(t *testing.T) {
	code := auth.NewCode()
	if !regexp.MustCompile(`^([A-Z2-7]{5}-){3}[A-Z2-7]{5}$`).MatchString(code) {
		t.Errorf("a code looks like %q", code)
	}
	for typed, want := range map[string]string{" abcde-fghij ": "ABCDE-FGHIJ", "ABCDE -\tFGHIJ\n": "ABCDE-FGHIJ"} {
		if got := auth.CleanCode(typed); got != want {
			t.Errorf("%q became %q", typed, got)
		}
	}
	if code == auth.NewCode() {
		t.Error("two codes are the same")
	}
}
