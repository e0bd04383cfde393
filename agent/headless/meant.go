package headless

import (
	"fmt"
	"time"

	"tocsin/agent/inbox"
)

// meant finds what an order is about, or says why there is nothing.
func (t *Terminal) meant(o order, now time.Time) []inbox.Seen {
	pages, held := t.candidates(o, now)
	var all []inbox.Seen
	switch {
	case o.number != 0 && len(pages) > 0:
		all = pages
	case o.number != 0:
		all = held
	case o.all && o.command == inbox.Resolve:
		all = append(pages, held...)
	case len(pages) > 0:
		all = pages
	default:
		all = held
	}
	switch {
	case len(all) == 0 && o.number != 0 && o.held:
		t.write(fmt.Sprintf("You do not have #%d.\n", o.number))
	case len(all) == 0 && o.number != 0:
		t.write(fmt.Sprintf("#%d is not open here.\n", o.number))
	case len(all) == 0 && o.held:
		t.write("You have no incident.\n")
	case len(all) == 0:
		t.write("Nothing is open.\n")
	case len(all) > 1 && !o.all && o.number == 0:
		t.write("Several are open; say which by its number, or all:\n")
		t.list(now)
		return nil
	}
	return all
}

// candidates are the open pages and the held incidents that an order may mean.
// Without a number, what rings is meant before what is quiet already, and what
// is asked about before what is not.
func (t *Terminal) candidates(o order, now time.Time) (pages, held []inbox.Seen) {
	if !o.held {
		open := t.state.Open()
		if loud := t.state.Listed(inbox.Rings, inbox.Escalated, inbox.Joined); len(loud) > 0 && !o.all && o.number == 0 {
			open = loud
		}
		counted := 0
		for _, h := range open {
			if o.all && !t.listed[h.Page.Key] {
				counted++
				continue
			}
			if o.number != 0 && h.Page.Number != o.number {
				continue
			}
			if o.all && h.Page.Cover != nil {
				t.write(fmt.Sprintf("#%d asks for cover, which wants an answer of its own: a %d or p %d.\n", h.Page.Number, h.Page.Number, h.Page.Number))
				continue
			}
			pages = append(pages, inbox.Seen{Key: h.Page.Key, Opening: h.Page.Opening})
		}
		if counted > 0 {
			t.write(fmt.Sprintf("%d more were not listed yet, so they are left alone; l lists them.\n", counted))
		}
	}
	if o.command == inbox.PassOn {
		return pages, nil
	}
	for _, h := range t.heldFor(o, now) {
		if o.number == 0 || h.Number == o.number {
			held = append(held, inbox.Seen{Key: h.Key, Opening: h.Opening})
		}
	}
	return pages, held
}

// heldFor are the held incidents that a command may be about: without a number
// the ones that the question on the screen is about.
func (t *Terminal) heldFor(o order, now time.Time) []inbox.Holding {
	mine := t.state.Mine()
	if o.number != 0 {
		return mine
	}
	question := inbox.StillOnIt
	if o.command == inbox.HandOver || o.command == inbox.Keep {
		question = inbox.ShiftOver
	}
	asked := t.state.Asking(question, now)
	switch {
	case len(asked) > 0:
		return asked
	case o.command == inbox.Acknowledge && !o.held:
		return nil // what nobody asks about needs no renewal by a bare "a"
	}
	return mine
}
