package headless

import (
	"strings"
	"testing"
	"time"

	"tocsin/agent/inbox"
)

func TestParse(t *testing.T) {
	act := func(c inbox.Command, n uint64) order { return order{verb: verbAct, command: c, number: n} }
	eight, half := when{clock: true, hour: 8}, when{length: 30 * time.Minute}
	for line, want := range map[string]order{
		"":                                  {},
		"  a ":                              act(inbox.Acknowledge, 0),
		"a 12":                              act(inbox.Acknowledge, 12),
		"A #12":                             act(inbox.Acknowledge, 12),
		"ack 12":                            act(inbox.Acknowledge, 12),
		"a all":                             {verb: verbAct, command: inbox.Acknowledge, all: true},
		"ack all":                           {verb: verbAct, command: inbox.Acknowledge, all: true},
		"renew":                             {verb: verbAct, command: inbox.Acknowledge, held: true},
		"renew all":                         {verb: verbAct, command: inbox.Acknowledge, held: true, all: true},
		"r 1":                               act(inbox.Resolve, 1),
		"resolve 1":                         act(inbox.Resolve, 1),
		"p":                                 act(inbox.PassOn, 0),
		"snooze 12 until 8:00":              {verb: verbAct, command: inbox.Snooze, number: 12, until: eight},
		"snooze 12 08:00":                   {verb: verbAct, command: inbox.Snooze, number: 12, until: eight},
		"snooze until 08:00":                {verb: verbAct, command: inbox.Snooze, until: eight},
		"s all for 30m":                     {verb: verbAct, command: inbox.Snooze, all: true, until: half},
		"s tomorrow":                        {verb: verbAct, command: inbox.Snooze, until: when{tomorrow: true}},
		"handover 12":                       {verb: verbAct, command: inbox.HandOver, held: true, number: 12},
		"keep until 8:00":                   {verb: verbAct, command: inbox.Keep, held: true, until: eight},
		"l":                                 {verb: verbList},
		"d 30m":                             {verb: verbDuty, until: half},
		"off 1h":                            {verb: verbDuty, until: when{length: time.Hour}},
		"d tomorrow":                        {verb: verbDuty, until: when{tomorrow: true}},
		"off until 8:00":                    {verb: verbDuty, until: eight},
		"off 30m cover Bob B":               {verb: verbDuty, until: half, who: "bob b"},
		"off 30m cannot":                    {verb: verbDuty, until: half, cannot: true},
		"d back":                            {verb: verbBack},
		"back":                              {verb: verbBack},
		"take Payments primary":             {verb: verbTake, what: "Payments primary"},
		"take Payments primary until 08:00": {verb: verbTake, what: "Payments primary", until: eight},
		"who":                               {verb: verbWho},
		"sheet":                             {verb: verbSheet},
		"notices":                           {verb: verbNotices},
		"t":                                 {verb: verbTest},
		"?":                                 {verb: verbHelp},
		"help":                              {verb: verbHelp},
		"q":                                 {verb: verbQuit},
		"Y":                                 {verb: verbYes},
	} {
		if got, err := parse(line); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", line, got, err, want)
		}
	}
	for line, says := range map[string]string{
		"acknowledgement":   "no command",
		"a twelve":          "no incident's number",
		"a 0":               "no incident's number",
		"a 1 2":             "too many words",
		"snooze":            "until when",
		"snooze 12":         "until when",
		"snooze 12 25:00":   "no time of day",
		"snooze x 08:00":    "no incident's number",
		"keep 12":           "until when",
		"handover 12 08:00": "too many words",
		"d":                 "say for how long",
		"d 10s":             "no length of time",
		"d -1h":             "no length of time",
		"d 400h":            "no length of time",
		"off 1h cover":      "who is to be asked",
		"take":              "which schedule",
		"take until 08:00":  "which schedule",
		"l all":             "takes nothing",
		"\x1b[2Jhello":      "no command",
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

func TestEveryCommandIsInTheHelp(t *testing.T) {
	for name := range acts {
		if !strings.Contains(help, name) {
			t.Errorf("%q is not in the help", name)
		}
	}
	for name := range plain {
		if len(name) > 1 && name != "help" && name != "yes" && !strings.Contains(help, name) {
			t.Errorf("%q is not in the help", name)
		}
	}
	for _, line := range strings.Split(help, "\n") {
		if len([]rune(line)) > 100 {
			t.Errorf("too long for a terminal: %s", line)
		}
	}
}

func TestMomentsAreInThePersonsZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	night := time.Date(2026, 10, 24, 22, 0, 0, 0, berlin) // the clocks go back in the night
	for _, c := range []struct {
		w    when
		want time.Time
	}{
		{when{tomorrow: true}, time.Date(2026, 10, 25, 8, 0, 0, 0, berlin)},
		{when{clock: true, hour: 8}, time.Date(2026, 10, 25, 8, 0, 0, 0, berlin)},
		{when{clock: true, hour: 23}, time.Date(2026, 10, 24, 23, 0, 0, 0, berlin)},
		{when{clock: true, hour: 22}, time.Date(2026, 10, 25, 22, 0, 0, 0, berlin)},
		{when{length: 10 * time.Hour}, night.Add(10 * time.Hour)},
	} {
		if got := c.w.after(night); !got.Equal(c.want) {
			t.Errorf("%+v is %v, want %v", c.w, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{"a 12", "d 1h", "d tomorrow", "r #3", "\x00", "d 9999999999999h", "snooze 12 until 08:00", "off 1h cover bob", "take Payments until 18:00"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		o, err := parse(line)
		if err != nil && clean(err.Error(), 1000) != err.Error() && strings.ContainsAny(err.Error(), "\x00\x1b\x07\r\n") {
			t.Fatalf("%q: the sentence holds control characters: %q", line, err)
		}
		now := time.Date(2026, 3, 28, 23, 59, 59, 0, time.UTC)
		if wait := o.until.after(now).Sub(now); err == nil && o.until != (when{}) && (wait <= 0 || wait > longestAbsence) {
			t.Fatalf("%q: puts off by %v", line, wait)
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
