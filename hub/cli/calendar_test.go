package cli_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// get fetches an address.
func get(t *testing.T, url string) (code int, body string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestACalendarProgramReadsShiftsAtASecretAddress(t *testing.T) {
	h := startHub(t)
	h.apply(read(t, roster))
	link := strings.TrimSpace(h.must("calendar", "link", "--schedule", "payments-primary"))
	if !strings.HasPrefix(link, h.url+"/calendar/") || !strings.HasSuffix(link, ".ics") {
		t.Fatalf("the link is %s", link)
	}
	code, text := get(t, link)
	if code != http.StatusOK || !strings.Contains(text, "X-WR-CALNAME:Payments\\, primary\r\n") || !strings.Contains(text, "SUMMARY:Bob Brown on call\r\n") {
		t.Errorf("%d %.1000s", code, text)
	}
	_, again := get(t, link)
	uids := regexp.MustCompile(`UID:.*`)
	if a, b := uids.FindAllString(text, -1), uids.FindAllString(again, -1); strings.Join(a, "") != strings.Join(b, "") || len(a) < 100 {
		t.Errorf("the UIDs of %d and %d events differ", len(a), len(b))
	}
	user := field(t, h.must("calendar", "link", "--user", "eve", "--json"), "url")
	if code, text := get(t, user); code != http.StatusOK || !strings.Contains(text, "X-WR-CALNAME:On call: Eve Evans\r\n") {
		t.Errorf("%d %.1000s", code, text)
	}
	h.must("calendar", "link", "--schedule", "payments-primary")
	if code, _ := get(t, link); code != http.StatusNotFound {
		t.Errorf("the old link answers %d", code)
	}
	if code, _ := get(t, user); code != http.StatusOK {
		t.Errorf("another calendar's link answers %d", code)
	}
	h.refused("--schedule, --user: name one of the two", "calendar", "link")
	h.refused(`there is no user "kin"`, "calendar", "link", "--user", "kin")
}

const cover = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" +
	"BEGIN:VEVENT\r\nUID:one\r\nSUMMARY:user:bob\r\nDTSTART:20960308T180000\r\nDTEND:20960310T000000Z\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:two\r\nSUMMARY:user:eve replaces:ada\r\nDTSTART;VALUE=DATE:20960312\r\nEND:VEVENT\r\n" +
	"END:VCALENDAR\r\n"

func TestEventsBecomeOverridesOnce(t *testing.T) {
	h := startHub(t)
	h.apply(read(t, roster))
	file := filepath.Join(t.TempDir(), "cover.ics")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(cover)
	imports := []string{"calendar", "import", "--schedule", "payments-primary", file}
	dry := h.must(append(imports, "--dry-run")...)
	if got := h.must("override", "list"); !strings.Contains(got, "There are no overrides") {
		t.Errorf("after the dry run: %s", got)
	}
	golden(t, "import.txt", dry+h.must(imports...)+h.must(imports...))
	h.apply("owns: all\n" + read(t, roster))
	if got := h.must("oncall", "--schedule", "payments-primary", "--at", "2096-03-09T12:00:00Z", "--json"); !strings.Contains(got, `"on_call":["bob"]`) {
		t.Errorf("after a file is applied that owns all: %s", got)
	}
	write(strings.Replace(cover, "user:bob", "user:kim", 1))
	if got := h.must(imports...); !strings.Contains(got, "changed") || !strings.Contains(got, "unchanged") {
		t.Errorf("with another user: %s", got)
	}
	write(strings.Replace(cover, "user:bob", "user:bill", 1))
	h.refused("nothing was imported:\nline 3, event \"user:bill\" (one): there is no user \"bill\"", imports...)
	h.refused(`there is no schedule "x"`, "calendar", "import", "--schedule", "x", file)
	h.refused("FILE: there is no file nowhere.ics", "calendar", "import", "--schedule", "payments-primary", "nowhere.ics")
}
