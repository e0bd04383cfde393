package ui

import (
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// cardCount is how many pages are shown as cards; more than that are rows.
const cardCount = 5

// storm is the alarm window's list of many pages: rows that are drawn only as
// far as they are in view, and one button that acknowledges them all. Pages may
// come every moment, so the button stays where it is and names what has been on
// the screen long enough to have been read.
type storm struct {
	host  stormHost
	gate  *gate
	now   func() time.Time
	all   *button
	list  *widget.List
	pages []Page // in the list's order
	hub   Hub

	since  map[Ref]time.Time // when each came to be on the screen
	meant  []Ref             // what the finger on the button means; nil: nothing yet
	frozen bool              // the finger is on it: its label stays
}

type stormHost interface {
	send(Intent)
	// look shows one page alone.
	look(key string)
}

func newStorm(g *gate, host stormHost, now func() time.Time) *storm {
	s := &storm{host: host, gate: g, now: now, since: map[Ref]time.Time{}}
	s.all = newButton("Acknowledge all", first, true, g, s.acknowledge)
	s.all.pressed, s.all.left = s.press, s.leave
	s.list = widget.NewList(func() int { return len(s.pages) }, nil, nil)
	s.list.CreateItem = func() fyne.CanvasObject { return newRow(g, host, now) }
	s.list.UpdateItem = func(i int, o fyne.CanvasObject) { o.(*row).bind(s.pages[i], s.hub, now()) }
	s.list.OnSelected = func(i int) {
		s.list.UnselectAll()
		if i < len(s.pages) && g.openToKeys() && g.open() {
			host.look(s.pages[i].Key)
		}
	}
	s.list.HideSeparators = true
	return s
}

// update takes the pages as they are, listed or not.
func (s *storm) update(pages []Page, hub Hub, listed bool) {
	s.hub = hub
	now := s.now()
	since := make(map[Ref]time.Time, len(pages))
	for _, p := range pages {
		at, known := s.since[p.Ref()]
		if !known {
			at = now
		}
		since[p.Ref()] = at
	}
	s.since = since
	// What waits for nothing but the hub comes last.
	s.pages = slices.Clone(pages)
	slices.SortStableFunc(s.pages, func(a, b Page) int { return settled(a) - settled(b) })
	s.name()
	if listed {
		s.list.Refresh()
	}
}

func settled(p Page) int {
	if p.Wanting() {
		return 0
	}
	return 1
}

// bulk says that "Acknowledge all" means this page too. Taking over somebody's
// shift is a decision of its own, and what was passed on stays so.
func (p Page) bulk() bool {
	return p.Cover == nil && (p.State == Ringing || p.State == Quiet || p.State == Escalated)
}

// name writes the button's label, unless somebody is pressing it.
func (s *storm) name() {
	if s.frozen {
		return
	}
	n := 0
	for _, p := range s.pages {
		if p.bulk() {
			n++
		}
	}
	s.all.rename(fmt.Sprintf("Acknowledge all %d", n))
	show(s.all, n > 0)
}

// press: the button means from here on what could be read when the finger went
// down, whatever comes before it is up again.
func (s *storm) press() {
	now := s.now()
	s.meant, s.frozen = []Ref{}, true
	for _, p := range s.pages {
		if p.bulk() && now.Sub(s.since[p.Ref()]) >= settling {
			s.meant = append(s.meant, p.Ref())
		}
	}
	s.all.rename(fmt.Sprintf("Acknowledge all %d", len(s.meant)))
}

func (s *storm) leave() {
	s.frozen = false
	s.name()
}

func (s *storm) acknowledge() {
	if s.meant == nil {
		s.press()
	}
	refs := s.meant
	s.meant = nil
	if len(refs) > 0 {
		s.host.send(On(Acknowledge, refs...))
	}
	s.leave()
}

// tick shows what time alone changes.
func (s *storm) tick() { s.list.Refresh() }
