package answer

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// reply is what somebody wrote back: what they want, and which message they
// answer.
type reply struct {
	verb verb
	// number is the code of a message, or an incident's number; 0: neither was
	// said.
	number int
}

// The words that are understood. Whatever else stands in a first clause is asked
// back: "no problem" is not "no".
var words = map[string]verb{
	"ack": acknowledge, "acknowledge": acknowledge, "acknowledged": acknowledge, "yes": acknowledge, "ok": acknowledge, "okay": acknowledge,
	"got it": acknowledge, "on it": acknowledge, "i have it": acknowledge, "i got it": acknowledge, "mine": acknowledge, "1": acknowledge, "ja": acknowledge, "oui": acknowledge,
	"accept": acknowledge, "take over": acknowledge, "decline": passOn,
	"resolve": resolve, "resolved": resolve, "fixed": resolve, "erledigt": resolve, "résolu": resolve,
	"no": passOn, "2": passOn, "pass": passOn, "pass on": passOn, "pass it on": passOn, "i can't": passOn, "can't": passOn,
	"i cannot": passOn, "cannot": passOn, "nein": passOn, "non": passOn,
}

// doubts make what stands before them unclear.
var doubts = []string{"no", "not", "but", "can't", "cannot", "don't", "won't", "unable", "nein", "nicht", "aber", "non", "pas", "mais"}

// absences are what programs write for people who are not there, often behind a
// friendly word. They do not take anything.
var absences = []string{"away", "office", "vacation", "holiday", "holidays", "leave", "automatic", "automatically", "urlaub", "abwesend", "büro", "automatisch",
	"absent", "absente", "vacances", "congé", "congés", "bureau", "vacaciones", "oficina", "ferie", "ufficio"}

// Below firstNumber a number is an answer, as on the telephone.
const firstNumber = 10

// understand reads the first line of an answer: a number, words, or both, up to
// the first mark. False for everything that could be meant in another way.
func understand(text string) (reply, bool) {
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if len(first) > 500 || strings.ContainsRune(first, '?') {
		return reply{}, false
	}
	first = strings.ToLower(strings.NewReplacer("’", "'", "#", " ").Replace(first))
	clause, rest := first, ""
	if i := strings.IndexAny(first, ".,;:!–—(\""); i >= 0 {
		clause, rest = first[:i], first[i:]
	}
	other := strings.FieldsFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
	says := func(list []string) bool {
		return slices.ContainsFunc(other, func(w string) bool { return slices.Contains(list, w) })
	}
	if says(doubts) {
		return reply{}, false
	}
	var r reply
	said := strings.Fields(clause)
	for _, end := range []int{0, len(said) - 1} {
		if end < 0 || end >= len(said) || r.number != 0 {
			continue
		}
		if n, err := strconv.Atoi(said[end]); err == nil && n >= firstNumber {
			r.number = n
			said = slices.Delete(said, end, end+1)
		}
	}
	phrase := strings.Join(said, " ")
	if phrase == "" {
		r.verb = acknowledge // the number alone
		return r, r.number != 0 && !says(absences)
	}
	var known bool
	r.verb, known = words[phrase]
	return r, known && (r.verb == passOn || !says(absences))
}
