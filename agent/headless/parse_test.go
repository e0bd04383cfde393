package headless

import (
	"strings"
	"testing"
	"time"

	"tocsin/agent/inbox"
)

func TestParse(t *testing.T) {
	act := func(c inbox.Command, n uint64) order { return order{verb: verbAct, command: c, number: n} }
	for line, want := range map[string]order{
		"":           {},
		"  a ":       act(inbox.Acknowledge, 0),
		"a 12":       act(inbox.Acknowledge, 12),
		"A #12":      act(inbox.Acknowledge, 12),
		"a all":      {verb: verbAct, command: inbox.Acknowledge, all: true},
		"r 1":        act(inbox.Resolve, 1),
		"p":          act(inbox.PassOn, 0),
		"l":          {verb: verbList},
		"d 30m":      {verb: verbDuty, off: 30 * time.Minute},
		"d 1h":       {verb: verbDuty, off: time.Hour},
		"d tomorrow": {verb: verbDuty},
		"d back":     {verb: verbBack},
		"t":          {verb: verbTest},
		"?":          {verb: verbHelp},
		"q":          {verb: verbQuit},
		"Y":          {verb: verbYes},
	} {
		if got, err := parse(line); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", line, got, err, want)
		}
	}
	for line, says := range map[string]string{
		"ack":          "no command",
		"a twelve":     "no incident's number",
		"a 0":          "no incident's number",
		"a 1 2":        "too many words",
		"d":            "say for how long",
		"d 10s":        "no length of time",
		"d -1h":        "no length of time",
		"d 400h":       "no length of time",
		"l all":        "takes nothing",
		"\x1b[2Jhello": "no command",
	} {
		_, err := parse(line)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", line, err, says)
		}
		if err != nil && strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q comes back raw", line)
		}
	}
}

func TestUntilTomorrowIsTheNextMorning(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	before := time.Date(2026, 10, 24, 22, 0, 0, 0, berlin) // the clocks go back in the night
	if got, want := (order{verb: verbDuty}).until(before), time.Date(2026, 10, 25, 8, 0, 0, 0, berlin); !got.Equal(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{"a 12", "d 1h", "d tomorrow", "r #3", "\x00", "d 9999999999999h"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		o, err := parse(line)
		if err != nil && clean(err.Error(), 1000) != err.Error() && strings.ContainsAny(err.Error(), "\x00\x1b\x07\r\n") {
			t.Fatalf("%q: the sentence holds control characters: %q", line, err)
		}
		if err == nil && o.verb == verbDuty && (o.off < 0 || o.off > longestAbsence) {
			t.Fatalf("%q: an absence of %v", line, o.off)
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add("5xx \x1b[31mabove\r\n5 %\u202e")
	f.Fuzz(func(t *testing.T, text string) {
		out := clean(text, 100)
		if n := len([]rune(out)); n > 101 {
			t.Fatalf("%d runes", n)
		}
		if strings.ContainsFunc(out, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' }) {
			t.Fatalf("not clean: %q", out)
		}
	})
}
