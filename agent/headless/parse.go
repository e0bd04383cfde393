package headless

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tocsin/agent/inbox"
)

// order is one line of the person, understood.
type order struct {
	verb verb
	// command, number and all are for verbAct; number 0 and not all: what there
	// is, or what is asked about. held: only what the user holds is meant.
	command inbox.Command
	number  uint64
	all     bool
	held    bool
	// until is for verbDuty, verbTake and commands that need it.
	until when
	// who is the colleague of verbDuty, cannot its "I can't"; what is the
	// schedule of verbTake.
	who    string
	cannot bool
	what   string
}

type verb int

const (
	verbNone verb = iota
	verbAct
	verbList
	verbDuty
	verbBack
	verbTake
	verbWho
	verbSheet
	verbNotices
	verbTest
	verbHelp
	verbQuit
	verbYes
)

var acts = map[string]order{
	"a": {command: inbox.Acknowledge}, "ack": {command: inbox.Acknowledge},
	"renew": {command: inbox.Acknowledge, held: true},
	"r":     {command: inbox.Resolve}, "resolve": {command: inbox.Resolve},
	"p": {command: inbox.PassOn}, "pass": {command: inbox.PassOn},
	"s": {command: inbox.Snooze}, "snooze": {command: inbox.Snooze},
	"handover": {command: inbox.HandOver, held: true},
	"keep":     {command: inbox.Keep, held: true},
}

var plain = map[string]verb{
	"": verbNone, "l": verbList, "list": verbList, "t": verbTest, "test": verbTest, "?": verbHelp, "h": verbHelp, "help": verbHelp,
	"q": verbQuit, "quit": verbQuit, "y": verbYes, "yes": verbYes, "back": verbBack,
	"who": verbWho, "sheet": verbSheet, "notices": verbNotices,
}

// parse understands one line; the error is a sentence to show.
func parse(line string) (order, error) {
	typed := strings.Fields(line)
	words := strings.Fields(strings.ToLower(line))
	if len(words) > 12 || len(words) != len(typed) {
		return order{}, fmt.Errorf("too many words; ? shows what there is")
	}
	if len(words) == 0 {
		return order{}, nil
	}
	name, rest := words[0], words[1:]
	if o, ok := acts[name]; ok {
		o.verb = verbAct
		return parseAct(o, name, rest)
	}
	switch name {
	case "d", "off":
		return parseDuty(rest)
	case "take":
		return parseTake(typed[1:], rest)
	}
	v, ok := plain[name]
	switch {
	case !ok:
		return order{}, fmt.Errorf("%q is no command; ? shows what there is", clean(name, 40))
	case len(rest) > 0:
		return order{}, fmt.Errorf("%q takes nothing behind it", name)
	}
	return order{verb: v}, nil
}

// parseAct reads the number, or all, and the time where one is needed.
func parseAct(o order, name string, rest []string) (order, error) {
	timed := o.command == inbox.Snooze || o.command == inbox.Keep
	if len(rest) > 0 && !(timed && isWhen(rest[0])) {
		if rest[0] == "all" {
			o.all = true
		} else {
			number, err := strconv.ParseUint(strings.TrimPrefix(rest[0], "#"), 10, 64)
			if err != nil || number == 0 {
				return order{}, fmt.Errorf("%q is no incident's number", clean(rest[0], 40))
			}
			o.number = number
		}
		rest = rest[1:]
	}
	switch {
	case timed:
		until, err := parseWhen(rest)
		if err != nil {
			return order{}, fmt.Errorf("%s: %w", name, err)
		}
		o.until = until
	case len(rest) > 0:
		return order{}, fmt.Errorf("too many words; ? shows what there is")
	}
	return o, nil
}

// isWhen tells the beginning of a moment from an incident's number.
func isWhen(word string) bool {
	if word == "until" || word == "for" {
		return true
	}
	_, err := parseWhen([]string{word})
	return err == nil
}

func parseDuty(rest []string) (order, error) {
	if len(rest) == 1 && rest[0] == "back" {
		return order{verb: verbBack}, nil
	}
	if len(rest) == 0 {
		return order{}, fmt.Errorf("say for how long: off 30m, off 1h, off until 18:00, off tomorrow; or back")
	}
	o := order{verb: verbDuty}
	if i := slices.Index(rest, "cover"); i >= 0 {
		if i+1 == len(rest) {
			return order{}, fmt.Errorf("say who is to be asked: off 1h cover bob")
		}
		o.who, rest = strings.Join(rest[i+1:], " "), rest[:i]
	} else if i := slices.Index(rest, "cannot"); i >= 0 && i == len(rest)-1 {
		o.cannot, rest = true, rest[:i]
	}
	until, err := parseWhen(rest)
	if err != nil {
		return order{}, err
	}
	o.until = until
	return o, nil
}

// parseTake reads a schedule's name, which may have several words, and a time.
func parseTake(typed, rest []string) (order, error) {
	o := order{verb: verbTake}
	if i := slices.IndexFunc(rest, func(w string) bool { return w == "until" || w == "for" }); i >= 0 {
		until, err := parseWhen(rest[i:])
		if err != nil {
			return order{}, err
		}
		o.until, typed = until, typed[:i]
	}
	if len(typed) == 0 {
		return order{}, fmt.Errorf("say which schedule's shift you take: take NAME, or take NAME until 18:00; who lists them")
	}
	o.what = strings.Join(typed, " ")
	return o, nil
}

const help = `a, ack [number|all]      acknowledge; of a cover request: take over
r, resolve [number|all]  resolve
p, pass [number]         pass on: "I can't"
s, snooze [number|all] until 08:00 | 2h   keep quiet until then
renew [number|all]       go on having it: the answer to "still on it?"
handover [number|all]    hand over now: your shift is over
keep [number|all] until 20:00 | 2h        keep it although your shift is over
l, list                  what is open, and what you have
who                      who is on call now
off 30m | 1h | until 18:00 | tomorrow     go off duty, after showing who is paged instead
off 1h cover bob         … when bob has accepted to take over
off 1h cannot            … at once; who is next is asked to take over
back                     back on duty
take SCHEDULE [until 18:00]               take the present shift over
sheet                    the call sheet: who to ring when the hub is gone
notices                  the last notices
t, test                  send a test page to yourself
q, quit                  quit
?                        this help
Without a number what is open or asked about is meant, if that is clear.
`
