package ingest

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tocsin/hub/incident"
)

// FuzzParseV2: whatever comes in, the answer is a problem in words or an event
// that keeps within its bounds.
func FuzzParseV2(f *testing.F) {
	files, err := filepath.Glob("testdata/eventsv2/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "")
	}
	f.Add([]byte(`{"event_action":"resolve","dedup_key":"k"}`), "0123456789abcdef0123456789abcdef")
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		event, key, wrong := parseV2(body, header)
		if wrong != nil {
			if wrong.Status == "" || wrong.Message == "" || len(wrong.Errors) == 0 || wrong.DedupKey != "" {
				t.Errorf("an answer without words: %+v", wrong)
			}
			return
		}
		holds(t, event, key)
	})
}

// holds checks what may be relied on of an event that was let in.
func holds(t *testing.T, e incident.Event, key string) {
	t.Helper()
	if utf8.RuneCountInString(key) != keyLength || e.Key == "" || utf8.RuneCountInString(e.Key) > maxKey {
		t.Errorf("keys %q and %q", key, e.Key)
	}
	switch e.Action {
	case incident.Acknowledge, incident.Resolve:
		return
	case incident.Trigger:
	default:
		t.Errorf("action %q", e.Action)
	}
	if e.Summary == "" || e.Source == "" || e.Severity == "" {
		t.Errorf("a trigger that lacks something: %+v", e)
	}
	isPlain(t, e.Summary, maxSummary, false)
	isPlain(t, e.Source, maxField, false)
	if len(e.Details) > maxDetails+5 || len(e.Links) > maxLinks {
		t.Errorf("%d details, %d links", len(e.Details), len(e.Links))
	}
	for _, d := range e.Details {
		isPlain(t, d.Name, maxDetailName, false)
		isPlain(t, d.Value, maxDetailValue, true)
	}
	for _, l := range e.Links {
		isPlain(t, l.Text, maxField, false)
		if u, err := url.Parse(l.Href); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			t.Errorf("a link to %q", l.Href)
		}
	}
}

func isPlain(t *testing.T, s string, n int, lines bool) {
	t.Helper()
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > n {
		t.Errorf("not valid, or longer than %d: %q", n, s)
	}
	for _, r := range s {
		switch {
		case lines && (r == '\n' || r == '\t'):
		case unicode.IsControl(r), isDirection(r), r == '\u2028', r == '\u2029':
			t.Errorf("%U is left in %q", r, s)
		}
	}
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{"", "plain", "a\x00b\x1b[0m\x7f\u0085", "\u202e\u2066\u200f\u061c", "a\r\nb\rc\td\u2028e", "caf\xe9", strings.Repeat("é", 9), "\u202e\u202e"} {
		f.Add(s, 8, true)
		f.Add(s, 8, false)
	}
	f.Fuzz(func(t *testing.T, s string, n int, lines bool) {
		if n < 1 || n > 1<<16 {
			return
		}
		got := plain(s, n, lines)
		isPlain(t, got, n, lines)
		if again := plain(got, n, lines); again != got {
			t.Errorf("made plain again it becomes %q, not %q", again, got)
		}
	})
}

func FuzzTimeV2(f *testing.F) {
	for _, s := range []string{"", "2015-07-17T08:42:58.315+0000", "2026-11-02T12:00:00Z", "2026-11-02T12:00:00+05:30", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-2359", "yesterday"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := timeV2(s)
		if err == nil && s != "" && at.IsZero() && !strings.HasPrefix(s, "0001") {
			t.Errorf("%q became no time", s)
		}
	})
}
