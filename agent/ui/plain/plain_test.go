package plain

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for _, c := range []struct {
		why, in string
		max     int
		want    string
	}{
		{"plain text stays", "Checkout: error rate 12 %", 40, "Checkout: error rate 12 %"},
		{"it is one line", " a\r\nb\tc ", 40, "a^M b c"},
		{"an escape sequence is seen, not obeyed", "\x1b[31mred\x07", 40, "^[[31mred^G"},
		{"the direction cannot be turned", "exe.\u202egpj", 40, "exe.·gpj"},
		{"isolates neither", "\u2066a\u2069", 40, "·a·"},
		{"what has no width is seen", "a\u200bb\ufeff", 40, "a·b·"},
		{"the last of them", "\x00\x7f", 40, "^@^?"},
		{"C1 controls", "a\u009b1m", 40, "a·1m"},
		{"emoji stay whole", "👩\u200d💻 ❤\ufe0f", 40, "👩\u200d💻 ❤\ufe0f"},
		{"bytes that are no text", "a\xff\xfeb", 40, "a��b"},
		{"cut by characters, with a mark", "äöüß", 3, "äö…"},
		{"exactly fitting text is whole", "äöüß", 4, "äöüß"},
		{"no space before the mark", "ab cd", 4, "ab…"},
		{"a pile of accents is levelled", "e" + strings.Repeat("\u0301", 50), 40, "e\u0301\u0301"},
		{"empty", "", 40, ""},
	} {
		if got := Line(c.in, c.max); got != c.want {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
}

func TestTextKeepsSomeLines(t *testing.T) {
	if got, want := Text("a\r\nb\n\tc", 40, 5), "a\nb\n    c"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Text("a\nb\nc\nd", 40, 2), "a\nb…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\x1b\u202e\n", 5)
	f.Fuzz(func(t *testing.T, s string, max int) {
		if max < 1 || max > 1000 {
			return
		}
		got := Line(s, max)
		if n := utf8.RuneCountInString(got); n > max {
			t.Errorf("%d characters, limit %d", n, max)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%q is no UTF-8", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q holds %U", got, r)
			}
		}
	})
}
