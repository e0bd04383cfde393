package ingest

import (
	"fmt"
	"strings"
	"unicode"
)

// plain makes a source's text safe to show anywhere: at most n characters, cut
// with a mark, and with control and direction-changing characters made visible.
// Line breaks and tabs stay where lines are wanted.
func plain(s string, n int, lines bool) string {
	if len(s) <= n && isSimple(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	count, cut := 0, 0 // characters written; bytes of the first n-1 of them
	for _, r := range s {
		for _, v := range visible(r, lines) {
			if count == n-1 {
				cut = b.Len()
			}
			if count == n {
				return b.String()[:cut] + "…"
			}
			b.WriteRune(v)
			count++
		}
	}
	return b.String()
}

// isSimple reports text that is plain as it stands, as nearly all is.
func isSimple(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return true
}

// visible is what is shown of one character. Bytes that are no text come as
// U+FFFD.
func visible(r rune, lines bool) string {
	switch {
	case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
		if lines {
			return "\n"
		}
		return " "
	case r == '\t':
		if lines {
			return "\t"
		}
		return " "
	case r < ' ' || r == 0x7F:
		return string(picture(r))
	case unicode.IsControl(r) || isDirection(r):
		return fmt.Sprintf("⟨U+%04X⟩", r)
	}
	return string(r)
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
