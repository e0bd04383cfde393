package calendar

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// event wraps the lines of an event in a calendar.
func event(lines ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
}

func TestEventsAreReadWithTheirTimes(t *testing.T) {
	const bob = "SUMMARY:user:bob"
	for name, c := range map[string]struct {
		event      string
		start, end string
	}{
		"in UTC":                          {event(bob, "DTSTART:20261224T180000Z", "DTEND:20261226T090000Z"), "2026-12-24T18:00:00Z", "2026-12-26T09:00:00Z"},
		"in a zone":                       {event(bob, "DTSTART;TZID=Europe/Berlin:20260701T180000", "DTEND;TZID=Europe/Berlin:20260702T180000"), "2026-07-01T16:00:00Z", "2026-07-02T16:00:00Z"},
		"in a zone in quotes":             {event(bob, `DTSTART;TZID="Europe/Berlin":20260701T180000`, "DURATION:PT12H"), "2026-07-01T16:00:00Z", "2026-07-02T04:00:00Z"},
		"in a zone of Outlook's":          {event(bob, "DTSTART;TZID=W. Europe Standard Time:20260701T180000", "DURATION:PT12H"), "2026-07-01T16:00:00Z", "2026-07-02T04:00:00Z"},
		"in a zone at the end of a path":  {event(bob, "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260701T180000", "DURATION:PT12H"), "2026-07-01T16:00:00Z", "2026-07-02T04:00:00Z"},
		"without a zone, the schedule's":  {event(bob, "DTSTART:20260701T180000", "DURATION:PT30M"), "2026-07-01T22:00:00Z", "2026-07-01T22:30:00Z"},
		"a day, in the schedule's zone":   {event(bob, "DTSTART;VALUE=DATE:20260308"), "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"}, // of 23 hours
		"days":                            {event(bob, "DTSTART;VALUE=DATE:20260308", "DTEND;VALUE=DATE:20260310"), "2026-03-08T05:00:00Z", "2026-03-10T04:00:00Z"},
		"for a day by the calendar":       {event(bob, "DTSTART:20260307T180000", "DURATION:P1D"), "2026-03-07T23:00:00Z", "2026-03-08T22:00:00Z"},
		"for weeks, days and hours":       {event(bob, "DTSTART:20260601T000000Z", "DURATION:P1W2DT3H4M5S"), "2026-06-01T00:00:00Z", "2026-06-10T03:04:05Z"},
		"at a reading that does not come": {event(bob, "DTSTART:20260308T023000", "DURATION:PT1H"), "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"},
	} {
		wishes, problems := Read([]byte(c.event), newYork, everyone)
		if len(problems) > 0 || len(wishes) != 1 {
			t.Errorf("%s: %v, %v", name, wishes, problems)
			continue
		}
		w := wishes[0]
		if start, end := w.Start.Format(time.RFC3339), w.End.Format(time.RFC3339); start != c.start || end != c.end || w.User != "bob" || w.UID != "a" {
			t.Errorf("%s: %s to %s of %s; want %s to %s", name, start, end, w.User, c.start, c.end)
		}
	}
}

func TestAFilesOwnZoneIsTheOneThatItSaysItIs(t *testing.T) {
	file := strings.Replace(event("SUMMARY:user:bob", "DTSTART;TZID=Ours:20260701T180000", "DURATION:PT1H"), "BEGIN:VEVENT",
		"BEGIN:VTIMEZONE\r\nTZID:Ours\r\nX-LIC-LOCATION:Asia/Kolkata\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT", 1)
	wishes, problems := Read([]byte(file), newYork, everyone)
	if len(problems) > 0 || len(wishes) != 1 || wishes[0].Start.Format(time.RFC3339) != "2026-07-01T12:30:00Z" {
		t.Errorf("%v, %v", wishes, problems)
	}
}

func TestWhoIsOnCall(t *testing.T) {
	const when = "DTSTART:20261224T180000Z\r\nDURATION:PT1H"
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"whom the summary names":                   {[]string{"SUMMARY:Holidays\\, User: bob covers", "ATTENDEE:mailto:ada@example.org"}, "bob"},
		"the one who is invited":                   {[]string{"ATTENDEE;CN=\"Bob\":MAILTO:Bob@Example.org"}, "bob"},
		"the one invited user among strangers":     {[]string{"ATTENDEE:mailto:x@example.com", "ATTENDEE:mailto:bob@example.org"}, "bob"},
		"not the organizer, if one is invited":     {[]string{"ORGANIZER:mailto:ada@example.org", "ATTENDEE:mailto:bob@example.org"}, "bob"},
		"the organizer, if nobody is invited":      {[]string{"ORGANIZER:mailto:ada@example.org"}, "ada"},
		"not a room, nor who declined":             {[]string{"ATTENDEE;CUTYPE=ROOM:mailto:ada@example.org", "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@example.org", "ATTENDEE:mailto:bob@example.org"}, "bob"},
		"for a part":                               {[]string{"SUMMARY:user:bob replaces:ada"}, "bob for ada"},
		"invited, for a part":                      {[]string{"SUMMARY:replaces:ada", "ATTENDEE:mailto:bob@example.org"}, "bob for ada"},
		"as Tocsin writes it":                      {[]string{"SUMMARY:On call", "X-TOCSIN-USER:eve"}, "eve"},
		"several who are invited":                  {[]string{"ATTENDEE:mailto:ada@example.org", "ATTENDEE:mailto:bob@example.org"}, "invites several users (ada, bob); say in its summary who is on call: user:ada"},
		"strangers only":                           {[]string{"ATTENDEE:mailto:x@example.com", "ORGANIZER:mailto:y@example.com"}, "no user has the e-mail address x@example.com or y@example.com; say in its summary who is on call, as user:ID"},
		"nobody":                                   {[]string{"SUMMARY:Holidays"}, "names nobody; invite a user, or say in its summary who is on call, as user:ID"},
		"a user who is not there":                  {[]string{"SUMMARY:user:kim"}, `there is no user "kim"`},
		"for a user who is not there":              {[]string{"SUMMARY:user:bob replaces:kim"}, `there is no user "kim"`},
		"a user without an address is no wildcard": {[]string{"ATTENDEE:mailto:"}, "no user has the e-mail address ; say in its summary who is on call, as user:ID"},
	} {
		wishes, problems := Read([]byte(event(append(c.lines, when)...)), newYork, everyone)
		got := ""
		switch {
		case len(problems) == 1:
			got = problems[0].Text
		case len(wishes) == 1:
			got = string(wishes[0].User)
			if wishes[0].Replaces != "" {
				got += " for " + string(wishes[0].Replaces)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestWhatCannotBeReadIsSaidWithItsLine(t *testing.T) {
	const bob, when = "SUMMARY:user:bob", "DTSTART:20261224T180000Z\r\nDURATION:PT1H"
	at := `line 3, event "user:bob" (a): `
	for _, c := range []struct{ file, want string }{
		{event(bob, when, "RRULE:FREQ=WEEKLY"), at + "repeats (RRULE); overrides do not: give each time an event of its own"},
		{event(bob, when, "RDATE:20261225T180000Z"), at + "repeats (RDATE)"},
		{event(bob), at + "has no DTSTART"},
		{event(bob, "DTSTART:20261224T180000Z"), at + "does not end after it begins"},
		{event(bob, "DTSTART:20261224T180000Z", "DTEND:20261224T180000Z"), at + "does not end after it begins"},
		{event(bob, "DTSTART:20261224T180000Z", "DTEND:20281224T180000Z"), at + "is longer than a year"},
		{event(bob, "DTSTART:20261324T180000Z", "DURATION:PT1H"), at + `DTSTART: "20261324T180000Z" is not a time like 20261224T180000Z`},
		{event(bob, "DTSTART:20261224T180000Z", "DTEND:soon"), at + `DTEND: "soon" is not a time`},
		{event(bob, "DTSTART:20261224T180000Z", "DURATION:-PT1H"), at + `DURATION: "-PT1H" is not a length of time`},
		{event(bob, "DTSTART;TZID=Nowhere:20261224T180000", "DURATION:PT1H"), at + `DTSTART: the time zone "Nowhere" is not known; use one like Europe/Berlin, or UTC`},
		{event(bob, "DTSTART;TZID=Local:20261224T180000", "DURATION:PT1H"), at + `DTSTART: the time zone "Local" is not known`},
		{strings.Replace(event(bob, when), "UID:a\r\n", "", 1), `line 3, event "user:bob": has no UID`},
		{"users: [ada]", "this is no iCalendar file"},
		{"", "this is no iCalendar file: it has no VCALENDAR"},
		{"BEGIN:VCALENDAR\r\n" + strings.Repeat("BEGIN:X\r\n", 100_000), "line 9: things stand inside of each other more than 8 deep"},
		{strings.Repeat("x", maxBytes+1), "the file has 1048577 bytes; at most 1048576 at a time"},
		{"\xff", "the file is not in UTF-8"},
		{"BEGIN:VCALENDAR\r\n" + strings.Repeat("BEGIN:VEVENT\r\nEND:VEVENT\r\n", maxEvents+1) + "END:VCALENDAR\r\n", "the file has 1001 events; at most 1000 at a time"},
	} {
		wishes, problems := Read([]byte(c.file), newYork, everyone)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), c.want) {
			t.Errorf("%.200q: %v, %v; want %s", c.file, wishes, problems, c.want)
		}
	}
}

func TestAnEventThatIsCalledOffIsCancelled(t *testing.T) {
	const when = "DTSTART:20261224T180000Z\r\nDURATION:PT1H"
	for name, file := range map[string]string{
		"by its status":    event("SUMMARY:user:bob", when, "STATUS:CANCELLED"),
		"whoever it names": event("SUMMARY:user:kim", when, "STATUS:cancelled"),
		"by the method":    strings.Replace(event("SUMMARY:user:bob", when), "VERSION", "METHOD:CANCEL\r\nVERSION", 1),
	} {
		wishes, problems := Read([]byte(file), newYork, everyone)
		if len(problems) > 0 || len(wishes) != 1 || !wishes[0].Cancelled {
			t.Errorf("%s: %v, %v", name, wishes, problems)
		}
	}
}

func TestOneOfASeriesIsAnEventOfItsOwn(t *testing.T) {
	wishes, _ := Read([]byte(event("SUMMARY:user:bob", "DTSTART:20261224T180000Z", "DURATION:PT1H", "RECURRENCE-ID:20261223T180000Z")), newYork, everyone)
	if len(wishes) != 1 || wishes[0].UID != "a/20261223T180000Z" {
		t.Errorf("%v", wishes)
	}
}

// Files as programs write them, by hand from their forms.
func TestFilesOfCalendarPrograms(t *testing.T) {
	files, err := filepath.Glob("testdata/import-*.ics")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		wishes, problems := Read(body, newYork, everyone)
		var got strings.Builder
		for _, w := range wishes {
			fmt.Fprintf(&got, "%s: %s to %s %s replaces %q cancelled %t\n", w.UID, w.Start.Format(time.RFC3339), w.End.Format(time.RFC3339), w.User, w.Replaces, w.Cancelled)
		}
		for _, p := range problems {
			fmt.Fprintf(&got, "%s\n", p)
		}
		golden(t, strings.TrimSuffix(filepath.Base(file), ".ics")+".txt", []byte(got.String()))
	}
}

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.ics")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(event("SUMMARY:user:bob replaces:ada", "DTSTART;TZID=W. Europe Standard Time:20260701T180000", "DURATION:P1W2DT3H4M5S")))
	f.Fuzz(func(t *testing.T, body []byte) {
		wishes, problems := Read(body, newYork, everyone)
		for _, w := range wishes {
			if !w.Start.Before(w.End) || w.UID == "" || !w.Cancelled && w.User == "" {
				t.Errorf("%+v", w)
			}
		}
		for _, p := range problems {
			if strings.ContainsAny(p.String(), "\r\n") {
				t.Errorf("%q is more than a line", p)
			}
		}
	})
}
