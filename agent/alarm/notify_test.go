package alarm

import (
	"strings"
	"testing"
)

func TestNotificationTextRunsNothing(t *testing.T) {
	for _, c := range []struct{ system, in, want string }{
		{"linux", `<a href="x">5 & 6</a>`, `&lt;a href="x"&gt;5 &amp; 6&lt;/a&gt;`},
		{"windows", "$(rm) `n \" ]]></text>", "＄(rm) ｀n ＂ ]]＞</text>"},
		{"windows", "a\n\"@", "a ＂@"},
		{"darwin", "-sender x", " -sender x"},
		{"darwin", "[FIRING]", " [FIRING]"},
		{"darwin", "plain", "plain"},
	} {
		if got := tame(c.system, c.in); got != c.want {
			t.Errorf("%s: %q became %q, want %q", c.system, c.in, got, c.want)
		}
	}
}

func TestLongNotificationIsCut(t *testing.T) {
	x := Notification{Title: strings.Repeat("t", 1e6), Body: strings.Repeat("line\n", 1e5)}.tidy()
	if len(x.Title) > 200 || strings.Count(x.Body, "\n") > 5 {
		t.Errorf("title of %d bytes, body of %d", len(x.Title), len(x.Body))
	}
}
