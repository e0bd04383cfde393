package headless

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tocsin/agent/inbox"
	"tocsin/agent/link"
)

// obey carries one line out. What comes of it is printed when it has happened.
func (t *Terminal) obey(ctx context.Context, line string) error {
	o, err := parse(line)
	question := t.question
	t.question = nil
	if err != nil {
		t.write(capital(err.Error()) + ".\n")
		return nil
	}
	if question != nil {
		if o.verb == verbYes {
			question()
			return nil
		}
		t.write("Nothing was changed.\n")
	}
	now := time.Now().In(t.Zone)
	switch o.verb {
	case verbAct:
		t.act(o, now)
	case verbList:
		t.list(now)
	case verbHelp:
		t.write(help)
	case verbDuty:
		t.askOff(ctx, o, o.until.after(now))
	case verbBack:
		t.setDuty(ctx, link.Leave{})
	case verbTake:
		t.takeShift(ctx, o, now)
	case verbWho:
		t.write(t.paper(now).who(t.state))
	case verbNotices:
		t.write(t.paper(now).notices(t.state))
	case verbSheet:
		t.sheet(now)
	case verbTest:
		t.testPage(ctx)
	case verbQuit:
		return ErrQuit
	case verbYes:
		t.write("There is no question to answer.\n")
	}
	return nil
}

// act passes a command on, with the openings that stand on the screen: what this
// terminal has printed, not what the hub has said since.
func (t *Terminal) act(o order, now time.Time) {
	if o.command == inbox.Acknowledge && o.number == 0 && t.state.LostAlarm {
		t.hub.Post(inbox.LostQuieted{})
		t.write("The alarm for the lost hub is quiet until the next outage.\n")
		if len(t.state.Open()) == 0 {
			return
		}
	}
	seen := t.meant(o, now)
	if len(seen) == 0 {
		return
	}
	var until time.Time
	if o.until != (when{}) {
		until = o.until.after(now)
	}
	var keys []inbox.Key
	for _, s := range seen {
		t.acted[s.Key] = now
		keys = append(keys, s.Key)
	}
	t.hub.Post(inbox.Proof{Kind: inbox.Touched, Keys: keys, Detail: "a command was typed"})
	if len(seen) == 1 {
		t.hub.Post(inbox.Asked{Command: o.command, Key: seen[0].Key, Opening: seen[0].Opening, Until: until})
		return
	}
	t.hub.Post(inbox.AskedAll{Command: o.command, Seen: seen, Until: until})
}

func (t *Terminal) sheet(now time.Time) {
	sheet, err := t.hub.CallSheet()
	if err != nil {
		t.write(capital(err.Error()) + ".\n")
		return
	}
	t.write(CallSheet(sheet, now, t.Zone))
}

// unconfirmed says of what was done here that the hub does not know it yet: at
// once without a link, else when the answer is slow. The same about several is
// said once.
func (t *Terminal) unconfirmed(now time.Time) {
	about := map[string][]uint64{}
	for k, at := range t.acted {
		if _, waiting := t.state.Waiting(k); !waiting {
			if now.Sub(at) >= patience { // else the command is on its way into the state
				delete(t.acted, k)
			}
			continue
		}
		if t.state.Link.Status == inbox.LinkUp && now.Sub(at) < patience {
			continue
		}
		text := "The hub does not know yet."
		if h, ok := t.state.Held(k); ok && h.Page.Open() {
			text = "Quiet here. " + clean(t.state.WaitingText(h, now, t.Zone), longText)
		}
		about[text] = append(about[text], numberOf(t.state, k))
		delete(t.acted, k)
	}
	for _, text := range slices.Sorted(maps.Keys(about)) {
		t.write(numbers(about[text]) + text + "\n")
	}
}

func (t *Terminal) testPage(ctx context.Context) {
	go func() {
		number, err := t.hub.SendTestPage(ctx)
		text := fmt.Sprintf("Test page #%d is on its way.\n", number)
		if err != nil {
			text = "No test page: " + link.Sentence(err) + "\n"
		}
		t.then(ctx, func() { t.write(text) })
	}()
}

// then leaves something for Run's goroutine to do.
func (t *Terminal) then(ctx context.Context, do func()) {
	select {
	case t.later <- do:
	case <-ctx.Done():
	}
}

func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
