package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"connectrpc.com/connect"

	"tocsin/agent/settings"
)

func TestSentences(t *testing.T) {
	hub := func(code connect.Code, text string) error { return connect.NewError(code, errors.New(text)) }
	dial := func(err error) error {
		return connect.NewError(connect.CodeUnavailable, &net.OpError{Op: "dial", Net: "tcp", Err: err})
	}
	for want, err := range map[string]error{
		"":                                      nil,
		"Nothing listens at the hub's address.": dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)),
		"The hub cannot be reached: no route.":  dial(errors.New("no route")),
		`The hub's name "hub.x" cannot be found.`:   dial(&net.DNSError{Name: "hub.x", IsNotFound: true}),
		"The hub has been silent for 40 s.":         errSilent,
		"The hub does not answer.":                  context.DeadlineExceeded,
		"Signing in failed: revoked.":               hub(connect.CodeUnauthenticated, "revoked"),
		"The hub cannot be reached: shutting down.": hub(connect.CodeUnavailable, "shutting down"),
		"What answers at this address is not a Tocsin hub that this agent knows: 404 Not Found.": hub(connect.CodeUnimplemented, "404 Not Found"),
		"What answers at the hub's address is no Tocsin hub: 501 Not Implemented.":               hub(connect.CodeUnknown, "501 Not Implemented"),
		"The hub refused: not on your team.":                                                     hub(connect.CodePermissionDenied, "not on your team"),
		"Another agent is running with the profile in /x: use that one.":                         fmt.Errorf("%w with the profile in /x: use that one", settings.ErrInUse),
		"Mkdir /x: permission denied.":                                                           &os.PathError{Op: "mkdir", Path: "/x", Err: syscall.EACCES},
	} {
		if got := Sentence(err); got != want {
			t.Errorf("said %q, want %q", got, want)
		}
	}
}

func TestSignedOutIsSaidOnceWithWhatToDo(t *testing.T) {
	const again = ". To enrol it again, ask for a code (hub enroll USER), then run agent --code CODE."
	for reason, want := range map[string]string{
		"this device was signed out on the hub":                                 "This device was signed out on the hub",
		"this device was signed out on the hub; enrol it again with a new code": "This device was signed out on the hub",
		"the hub does not know this device; enrol it again with a new code":     "The hub does not know this device",
		"Kim revoked it.": "This device is signed out: Kim revoked it",
		"":                "This device is signed out",
	} {
		err := error(signedOut(reason))
		if got := Sentence(err); got != want+again || !errors.Is(err, ErrSignedOut) {
			t.Errorf("%q is said as %q, want %q", reason, got, want+again)
		}
	}
}

func TestFieldsOfARequestAreNotThePersons(t *testing.T) {
	for message, want := range map[string]string{
		"code: the hub does not know it": "the hub does not know it",
		"device_name: too long":          "too long",
		"Not now: it restarts":           "Not now: it restarts",
		"no such code":                   "no such code",
	} {
		if got := fieldless(message); got != want {
			t.Errorf("%q became %q, want %q", message, got, want)
		}
	}
}

func TestRetryAfterIsBounded(t *testing.T) {
	for header, want := range map[string]time.Duration{"": 0, "7": 7 * time.Second, "-7": 0, "soon": 0, "99999": time.Minute} {
		err := connect.NewError(connect.CodeUnavailable, errors.New("busy"))
		err.Meta().Set("Retry-After", header)
		if got := retryAfter(err); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

func TestAgesAreCertainOnlySinceTheMachineStarted(t *testing.T) {
	m := Machine{Boot: "b2", Uptime: func() time.Duration { return time.Hour }}
	r := someState.Outbox[0]
	r.Boot, r.Uptime = "b2", 50*time.Minute
	if age, uncertain := m.age(r, paged.Add(-time.Hour)); age != 10*time.Minute || uncertain {
		t.Errorf("with the wall clock put back: %v, %v", age, uncertain)
	}
	r.Boot = "b1"
	if age, uncertain := m.age(r, paged.Add(time.Minute)); age != time.Minute || !uncertain {
		t.Errorf("from an earlier start: %v, %v", age, uncertain)
	}
	if age, _ := m.age(r, paged.Add(-time.Minute)); age != 0 {
		t.Errorf("a report from the future has the age %v", age)
	}
	boot, uptime := bootClock()
	if boot == "" || uptime() < 0 {
		t.Errorf("this machine: %q, %v", boot, uptime())
	}
}

func TestOpen(t *testing.T) {
	e, said := enrolling(t, &codeHub{}, "right")
	open := func(hub, code string) error {
		_, err := Open(t.Context(), Opening{Profile: e.Profile, Hub: hub, Code: code, Transport: e.Transport, Say: e.Say})
		return err
	}
	for _, c := range []struct{ hub, code, says string }{
		{"", "", "This device is not enrolled yet: ask for a code (hub enroll USER), then run agent --hub URL --code CODE."},
		{"", "right", "A code needs the hub that it is for: agent --hub URL --code CODE."},
		{"http://127.0.0.1:7", "wrong", "The hub refuses the code: no such code, or it was used; ask for a new one."},
		{"http://127.0.0.1:7", "right", ""},
		{"http://127.0.0.1:7", "right", ""},
		{"", "right", ""},
		{"", "", ""},
		{"http://127.0.0.1:7/", "", ""},
		{"http://127.0.0.1:8", "", "This device is enrolled with http://127.0.0.1:7; to move it to http://127.0.0.1:8 give a code of that hub."},
	} {
		if got := Sentence(open(c.hub, c.code)); got != c.says {
			t.Errorf("--hub %q --code %q says %q, want %q", c.hub, c.code, got, c.says)
		}
	}
	if len(*said) != 3 {
		t.Errorf("said %q", *said)
	}
}
