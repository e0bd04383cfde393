package inbox

import (
	"slices"
	"time"
)

// Notice tells the user something that asks for no acknowledgement.
type Notice struct {
	ID, Title, Text string
	At              time.Time
	// Shown: the person was shown it, so it is never told again.
	Shown bool

	toldAt time.Time // by this process
}

const (
	keepNotices = 20
	// tellAgain is how long a notice may take to be shown before a repeated
	// frame tells it anew.
	tellAgain = time.Minute
)

// noticeCame tells a notice that was not shown yet. The journal decides what
// was: a restart tells nothing twice.
func (t *turn) noticeCame(n Notice) {
	if n.ID == "" || t.noticeReported(n.ID) {
		return
	}
	n.Shown, n.toldAt = false, time.Time{}
	i := t.notice(n.ID)
	if i < 0 {
		t.s.Notices, t.dirty = append(t.s.Notices, n), true
		t.tellNotice(len(t.s.Notices) - 1)
		t.dropNotices()
		return
	}
	switch known := t.s.Notices[i]; {
	case known.Shown:
		t.report(Report{Notice: n.ID}) // the hub has lost that
	case t.now.Sub(known.toldAt) >= tellAgain:
		t.tellNotice(i)
	}
}

func (t *turn) tellNotice(i int) {
	t.s.Notices[i].toldAt = t.now
	t.do(Notify{Notice: t.s.Notices[i]})
}

func (t *turn) noticeShown(m NoticeShown) {
	i := t.notice(m.ID)
	if i < 0 || t.s.Notices[i].Shown {
		return
	}
	t.s.Notices[i].Shown = true
	t.report(Report{Notice: m.ID})
	t.dropNotices()
}

// dropNotices keeps the last ones, and whatever nobody has seen.
func (t *turn) dropNotices() {
	for len(t.s.Notices) > keepNotices {
		i := slices.IndexFunc(t.s.Notices, func(n Notice) bool { return n.Shown })
		if i < 0 {
			return
		}
		t.s.Notices, t.dirty = slices.Delete(t.s.Notices, i, i+1), true
	}
}

func (t *turn) notice(id string) int {
	return slices.IndexFunc(t.s.Notices, func(n Notice) bool { return n.ID == id })
}

// noticeReported: it was shown, and the hub's answer to that is under way.
func (t *turn) noticeReported(id string) bool {
	return slices.ContainsFunc(t.s.Outbox, func(r Report) bool { return r.Notice == id })
}

// Recent answers the last notices, the newest first.
func (s State) Recent() []Notice {
	out := slices.Clone(s.Notices)
	slices.Reverse(out)
	return out
}
