package cli_test

import (
	"regexp"
	"strings"
	"testing"
)

func TestOffDutyAndShiftsFromTheCommandLine(t *testing.T) {
	h := startHub(t)
	h.apply(pairs)
	var shown strings.Builder
	for _, args := range [][]string{
		{"cover", "list"},
		{"on", "ada"},
		{"shift", "swap", "web", "2096-03-05T09:00", "ada@2096-03-13", "--dry-run"},
		{"shift", "swap", "web", "2096-03-05T09:00", "2096-03-12T09:00"},
		{"oncall", "--schedule", "web", "--from", "2096-03-05T00:00:00Z", "--to", "2096-03-20T00:00:00Z"},
		{"absence", "add", "bob", "--every", "mon,tue", "--from", "13:00", "--to", "24:00", "--starting", "2096-03-01"},
		{"absence", "list"},
	} {
		shown.WriteString("$ hub " + strings.Join(args, " ") + "\n" + maskedAll(h.must(args...)))
	}
	golden(t, "duty.txt", shown.String())
	if got := h.must("off", "ada", "--for", "2h", "--cannot"); !strings.HasPrefix(got, "ada is off duty until ") {
		t.Errorf("off duty while on call nowhere: %s", got)
	}
	if got := field(t, h.must("absence", "list", "--user", "ada", "--json"), "user"); got != "ada" {
		t.Errorf("the absence is %q's", got)
	}
	if got := h.must("on", "ada"); got != "ada is on duty.\n" {
		t.Errorf("back: %s", got)
	}
	id := field(t, h.must("absence", "list", "--user", "bob", "--json"), "id")
	if got := h.must("absence", "cancel", id); !strings.Contains(got, "comes no more") {
		t.Errorf("cancelled: %s", got)
	}
}

// maskedAll hides the ids of recurring absences too.
func maskedAll(text string) string {
	return regexp.MustCompile(`\ba-[0-9a-f]{8}\b`).ReplaceAllString(masked(text), "ABSENCE")
}

func TestTheCheckSaysThatSomebodyIsOffDuty(t *testing.T) {
	h := startHub(t)
	h.apply(pairs)
	if on := h.must("check"); strings.Contains(on, "off duty") {
		t.Errorf("before anybody is:\n%s", on)
	}
	h.must("off", "ada", "--for", "2h", "--cannot")
	if off := h.must("check"); !regexp.MustCompile(`(?m)^ada .* off duty until .*, and not paged$`).MatchString(off) {
		t.Errorf("while ada is:\n%s", off)
	}
}
