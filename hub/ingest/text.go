package ingest

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain makes a source's text safe to show anywhere: at most n characters, cut
// with a mark, and with control and direction-changing characters made visible.
// Line breaks and tabs stay where lines are wanted.
func plain(s string, n int, lines bool) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	var b strings.Builder
	count := 0
	for _, r := range s {
		if count == n-1 && utf8.RuneCountInString(s) > n {
			b.WriteRune('…')
			break
		}
		count++
		switch {
		case r == '\n' || r == '\t':
			if !lines {
				r = ' '
			}
			b.WriteRune(r)
		case r == '\r':
			if !lines {
				b.WriteRune(' ')
			}
		case r < ' ' || r == 0x7F:
			b.WriteRune(picture(r))
		case unicode.IsControl(r) || isDirection(r):
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// picture is the visible stand-in that Unicode has for an ASCII control.
func picture(r rune) rune {
	if r == 0x7F {
		return '\u2421'
	}
	return 0x2400 + r
}

// isDirection reports characters that change the direction of text around them,
// which can make a summary read as something else.
func isDirection(r rune) bool {
	return r == 0x061C || r == 0x200E || r == 0x200F || (r >= 0x202A && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069)
}
