package headless

import (
	"context"
	"fmt"
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
		t.write(t.paper(now).list(t.state))
	case verbHelp:
		t.write(help)
	case verbDuty:
		t.askOff(ctx, o.until(now))
	case verbBack:
		t.setDuty(ctx, time.Time{})
	case verbTest:
		t.testPage(ctx)
	case verbQuit:
		return ErrQuit
	case verbYes:
		t.write("There is no question to answer.\n")
	}
	return nil
}

// act passes a command on, with the opening that stands on the screen.
func (t *Terminal) act(o order, now time.Time) {
	if o.command == inbox.Acknowledge && o.number == 0 && t.state.LostAlarm {
		t.hub.Post(inbox.LostQuieted{})
		t.write("The alarm for the lost hub is quiet until the next outage.\n")
		if len(t.state.Open()) == 0 {
			return
		}
	}
	pages := t.meant(o)
	if len(pages) == 0 {
		return
	}
	for _, seen := range pages {
		t.acted[seen.Key] = now
		t.hub.Post(inbox.Proof{Kind: inbox.Touched, Keys: []inbox.Key{seen.Key}, Detail: "a command was typed"})
		t.hub.Post(inbox.Asked{Command: o.command, Key: seen.Key, Opening: seen.Opening})
	}
}

// meant finds what an order is about, or says why there is nothing.
func (t *Terminal) meant(o order) []inbox.Seen {
	open := t.state.Open()
	// What rings is meant before what is quiet already.
	if loud := t.state.Listed(inbox.Rings, inbox.Escalated); len(loud) > 0 && !o.all && o.number == 0 {
		open = loud
	}
	var all []inbox.Seen
	for _, h := range open {
		if o.number == 0 || h.Page.Number == o.number {
			all = append(all, inbox.Seen{Key: h.Page.Key, Opening: h.Page.Opening})
		}
	}
	if o.command == inbox.Resolve && (o.number != 0 || o.all || len(all) == 0) {
		for _, h := range t.state.Mine() {
			if o.number == 0 || h.Number == o.number {
				all = append(all, inbox.Seen{Key: h.Key, Opening: h.Opening})
			}
		}
	}
	switch {
	case len(all) == 0 && o.number != 0:
		t.write(fmt.Sprintf("#%d is not open here.\n", o.number))
	case len(all) == 0:
		t.write("Nothing is open.\n")
	case len(all) > 1 && !o.all && o.number == 0:
		t.write("Several are open; say which by its number, or all:\n" + t.paper(time.Now()).list(t.state))
		return nil
	}
	return all
}

// unconfirmed says of what was done here that the hub does not know it yet: at
// once without a link, else when the answer is slow.
func (t *Terminal) unconfirmed(now time.Time) {
	for k, at := range t.acted {
		h, ok := t.state.Held(k)
		if !ok || t.state.Standing(h) != inbox.Unconfirmed {
			if ok && t.state.Standing(h) == inbox.Rings && now.Sub(at) < patience {
				continue // the command is on its way into the state
			}
			delete(t.acted, k)
			continue
		}
		if t.state.Link.Status == inbox.LinkUp && now.Sub(at) < patience {
			continue
		}
		t.write(t.paper(now).about(t.state, k) + "Quiet here. " + clean(t.state.WaitingText(h, now, t.Zone), longText) + "\n")
		delete(t.acted, k)
	}
}

// askOff shows who is paged instead. A person is asked then; where nobody
// types, what the line said is done after it was shown.
func (t *Terminal) askOff(ctx context.Context, until time.Time) {
	go func() {
		preview, err := t.hub.PreviewDuty(ctx, until)
		t.then(ctx, func() {
			p := t.paper(time.Now())
			text := p.preview(preview, until)
			if err != nil {
				text = "Who is paged instead is not known: " + link.Sentence(err) + "\n"
			}
			if !t.InTerminal {
				t.write(text)
				t.setDuty(ctx, until)
				return
			}
			t.write(text + fmt.Sprintf("y goes off duty until %s; anything else changes nothing.\n", p.stamp(until)))
			t.question = func() { t.setDuty(ctx, until) }
		})
	}()
}

func (t *Terminal) setDuty(ctx context.Context, until time.Time) {
	go func() {
		if _, err := t.hub.SetDuty(ctx, link.Leave{Until: until}); err != nil {
			t.then(ctx, func() { t.write("Your duty was not changed: " + link.Sentence(err) + "\n") })
		}
	}()
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
