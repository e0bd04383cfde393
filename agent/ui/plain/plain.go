// Package plain makes text from outside fit to be shown: in a window, in a
// notification or on a terminal. Nothing in it can move the cursor, turn the
// reading direction or hide what follows. It knows no Fyne.
package plain

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cut marks that something was left off.
const cut = "…"

// Line makes s one line of at most max characters; longer text ends with "…".
// Line breaks and tabs become spaces, characters that are not to be seen
// become visible in any font: a control character in the caret notation of
// terminals (^[ is escape), one that turns the reading direction or has no
// width as "·", bytes that are no UTF-8 as "�".
func Line(s string, max int) string {
	return limit(strings.TrimSpace(strings.Map(spaces, clean(s, max+slack))), max)
}

// Text is Line, but keeps line breaks, at most maxLines of them.
func Text(s string, max, maxLines int) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\t", "    ")
	s = strings.TrimSpace(clean(s, max+slack))
	if lines := strings.SplitN(s, "\n", maxLines+1); len(lines) > maxLines {
		s = strings.Join(lines[:maxLines], "\n") + cut
	}
	return limit(s, max)
}

// slack is read beyond the limit so that white space trimmed from the front
// does not eat text.
const slack = 64

func spaces(r rune) rune {
	if r == '\n' || r == '\t' {
		return ' '
	}
	return r
}

// clean replaces what must not reach a screen, and reads no more than it
// needs: the text may be megabytes.
func clean(s string, max int) string {
	var b strings.Builder
	n, marks := 0, 0
	for _, r := range s {
		if n > max {
			break
		}
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			// Accents stay; a pile of them that climbs over other lines does not.
			if marks++; marks > 2 {
				continue
			}
		} else {
			marks = 0
		}
		if r < 0x20 && r != '\n' && r != '\t' || r == 0x7f {
			b.WriteByte('^')
			r ^= 0x40
		}
		b.WriteRune(visible(r))
		n++
	}
	return b.String()
}

func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case r == 0x2028 || r == 0x2029:
		return ' '
	case r == 0x200d, r == 0xfe0f:
		return r // joins and colours emoji, does no harm elsewhere
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r):
		return '·'
	case unicode.IsSpace(r):
		return ' '
	}
	return r
}

// limit cuts by characters, never inside one.
func limit(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == max {
			return strings.TrimRight(s[:i], " \n") + cut
		}
	}
	return s
}
