package headless

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tocsin/agent/inbox"
)

// order is one line of the person, understood.
type order struct {
	verb verb
	// command, number and all are for verbAct; number 0 and not all: the only
	// page there is.
	command inbox.Command
	number  uint64
	all     bool
	// off is for verbDuty: a length; zero: until tomorrow.
	off time.Duration
}

type verb int

const (
	verbNone verb = iota
	verbAct
	verbList
	verbDuty
	verbBack
	verbTest
	verbHelp
	verbQuit
	verbYes
)

var acts = map[string]inbox.Command{"a": inbox.Acknowledge, "r": inbox.Resolve, "p": inbox.PassOn}

var plain = map[string]verb{"": verbNone, "l": verbList, "t": verbTest, "?": verbHelp, "h": verbHelp, "q": verbQuit, "y": verbYes, "yes": verbYes}

// longestAbsence is how far ahead the roster looks.
const longestAbsence = 14 * 24 * time.Hour

// parse understands one line; the error is a sentence to show.
func parse(line string) (order, error) {
	words := strings.Fields(strings.ToLower(line))
	if len(words) > 2 {
		return order{}, fmt.Errorf("too many words; ? shows what there is")
	}
	words = append(words, "", "")
	name, rest := words[0], words[1]
	if command, ok := acts[name]; ok {
		return parseAct(command, rest)
	}
	if name == "d" {
		return parseDuty(rest)
	}
	v, ok := plain[name]
	switch {
	case !ok:
		return order{}, fmt.Errorf("%q is no command; ? shows what there is", clean(name, 40))
	case rest != "":
		return order{}, fmt.Errorf("%q takes nothing behind it", name)
	}
	return order{verb: v}, nil
}

func parseAct(c inbox.Command, rest string) (order, error) {
	o := order{verb: verbAct, command: c}
	switch rest {
	case "":
		return o, nil
	case "all":
		o.all = true
		return o, nil
	}
	number, err := strconv.ParseUint(strings.TrimPrefix(rest, "#"), 10, 64)
	if err != nil || number == 0 {
		return order{}, fmt.Errorf("%q is no incident's number", clean(rest, 40))
	}
	o.number = number
	return o, nil
}

func parseDuty(rest string) (order, error) {
	switch rest {
	case "":
		return order{}, fmt.Errorf("say for how long: d 30m, d 1h, d tomorrow; or d back")
	case "back":
		return order{verb: verbBack}, nil
	case "tomorrow":
		return order{verb: verbDuty}, nil
	}
	length, err := time.ParseDuration(rest)
	if err != nil || length < time.Minute || length > longestAbsence {
		return order{}, fmt.Errorf("%q is no length of time from 1m to %dh", clean(rest, 40), int(longestAbsence.Hours()))
	}
	return order{verb: verbDuty, off: length}, nil
}

// until is when the absence ends that begins at now: tomorrow is the next
// calendar day at 08:00 in now's zone.
func (o order) until(now time.Time) time.Time {
	if o.off > 0 {
		return now.Add(o.off)
	}
	const startOfDay = 8
	y, m, d := now.Date()
	return time.Date(y, m, d+1, startOfDay, 0, 0, 0, now.Location())
}

const help = `a [number]   acknowledge (a all: everything on the list)
r [number]   resolve
p [number]   pass on: "I can't"
l            list the open pages
d 30m|1h|tomorrow   go off duty, after showing who is paged instead
d back       back on duty
t            send a test page to yourself
q            quit
?            this help
Without a number the only open page is meant.
`
