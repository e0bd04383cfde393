package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/incident"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// What a hub adds to a policy's wait after a start and for a show deadline, and
// what a slow machine may.
const (
	graceOfHub     = 35 * time.Second
	graceOfMachine = 30 * time.Second
)

// check holds the hub to the account.
func (c *campaign) check() {
	c.t.Helper()
	c.none("nobody has it, and nobody was told of it or what comes next is not near", c.silent)
	c.none("it was acknowledged at the agent, and the hub does not know", c.untold)
	all, told := c.incidents(true), c.alarms()
	found := map[string][]*hubv1.Incident{}
	for _, i := range all {
		for _, a := range i.Alerts {
			found[a.IntegrationId+" "+a.DedupKey] = append(found[a.IntegrationId+" "+a.DedupKey], i)
		}
	}
	pushes := map[string][]push{}
	slices.SortFunc(c.pushes, func(a, b push) int { return a.at.Compare(b.at) })
	for _, p := range c.pushes {
		pushes[p.sequence] = append(pushes[p.sequence], p)
	}
	var longest time.Duration
	sure, lost := 0, 0
	for _, k := range c.keys {
		if of := found[k.service+" "+k.key]; len(of) != 1 {
			c.t.Errorf("the key %s of %s has %d incidents", k.key, k.service, len(of))
			continue
		}
		h := c.history(found[k.service+" "+k.key][0])
		h.of(k)
		h.pushed(pushes)
		h.alarmed(told[h.i.Number])
		longest, sure, lost = max(longest, h.longest), sure+k.sure, lost+k.maybe
	}
	if len(all) != len(c.keys) {
		c.t.Errorf("%d keys were used, and there are %d incidents", len(c.keys), len(all))
	}
	c.checkHub()
	c.t.Logf("%d kills, of which %d before the hub served and %d while it stopped; %d keys, %d triggers answered, %d with the answer lost",
		len(c.ended), c.unready, c.stopping, len(c.keys), sure, lost)
	c.t.Logf("%d lives of the agent, alarms for %d incidents; %d messages to people, %d incidents taken; %d edits; nobody was paged anew for %s at most",
		len(c.screens), len(told), len(c.pushes), len(c.taken), c.revision, longest.Round(time.Second))
}

// none waits until there is nothing of a kind.
func (c *campaign) none(what string, find func() []string) {
	c.t.Helper()
	var found []string
	defer func() {
		if len(found) > 0 {
			c.t.Logf("%s: %s", what, strings.Join(found, ", "))
		}
	}()
	waitFor(c.t, "of no incident it is true that "+what, func() bool {
		found = find()
		return len(found) == 0
	})
}

func (c *campaign) checkHub() {
	c.t.Helper()
	audit, err := c.admin.VerifyAudit(c.t.Context(), connect.NewRequest(&hubv1.VerifyAuditRequest{}))
	if err != nil {
		c.t.Fatal(err)
	}
	for _, p := range audit.Msg.Problems {
		c.t.Errorf("audit: %s", p)
	}
	status, err := c.admin.GetStatus(c.t.Context(), connect.NewRequest(&hubv1.GetStatusRequest{}))
	if err != nil {
		c.t.Fatal(err)
	}
	if status.Msg.Revision < c.revision {
		c.t.Errorf("the configuration is at revision %d, and %d was answered", status.Msg.Revision, c.revision)
	}
}

func (c *campaign) incidents(all bool) []*hubv1.Incident {
	c.t.Helper()
	var list []*hubv1.Incident
	for before := uint64(0); ; before = list[len(list)-1].Number {
		res, err := c.admin.ListIncidents(c.t.Context(), connect.NewRequest(&hubv1.ListIncidentsRequest{All: all, Before: before}))
		if err != nil {
			c.t.Fatal(err)
		}
		if len(res.Msg.Incidents) == 0 {
			return list
		}
		list = append(list, res.Msg.Incidents...)
	}
}

func (c *campaign) timeline(number uint64) []*hubv1.Entry {
	c.t.Helper()
	res, err := c.admin.GetTimeline(c.t.Context(), connect.NewRequest(&hubv1.GetTimelineRequest{Number: number}))
	if err != nil {
		c.t.Fatal(err)
	}
	return res.Msg.Entries
}

func is(e *hubv1.Entry, kinds ...incident.Kind) bool {
	return slices.Contains(kinds, incident.Kind(e.Kind))
}

// silent lists the incidents that nobody has and of which nobody was told, or whose
// next action is not near.
func (c *campaign) silent() []string {
	c.t.Helper()
	var list []string
	for _, i := range c.incidents(false) {
		if i.Status != "triggered" {
			continue
		}
		heard := false
		for _, e := range c.timeline(i.Number) {
			heard = heard && !is(e, incident.KindReopened) || is(e, incident.KindShown, incident.KindMethodAccepted)
		}
		if ahead := time.Until(i.NextAt.AsTime()); !heard || i.NextAt == nil || ahead < -graceOfMachine || ahead > levelTimeout+graceOfHub {
			list = append(list, fmt.Sprintf("#%d (heard %t, next %s)", i.Number, heard, i.NextAt.AsTime()))
		}
	}
	return list
}

// alarms counts the alarms for each incident in each life of the agent.
func (c *campaign) alarms() map[uint64]map[int]int {
	all := map[uint64]map[int]int{}
	for n, s := range c.screens {
		for _, m := range alarms.FindAllStringSubmatch(s.String(), -1) {
			number, err := strconv.ParseUint(m[1], 10, 64)
			if err != nil {
				c.t.Fatal(err)
			}
			if all[number] == nil {
				all[number] = map[int]int{}
			}
			all[number][n]++
		}
	}
	return all
}

var confirmed = regexp.MustCompile(`(?m)^((?:#\d+, )*#\d+): (Acknowledged\.|(?:Quiet here\. )?The hub does not know yet.*)$`)

// untold are the incidents that the agent said to be acknowledged and of which
// the hub has heard nothing from it.
func (c *campaign) untold() []string {
	c.t.Helper()
	said := map[string]bool{} // and whether it was said to be done at the agent
	for _, s := range c.screens {
		for _, m := range confirmed.FindAllStringSubmatch(s.String(), -1) {
			for number := range strings.SplitSeq(m[1], ", ") {
				said[number] = said[number] || m[2] != "Acknowledged."
			}
		}
	}
	var missing []string
	for name, here := range said {
		var number uint64
		if _, err := fmt.Sscanf(name, "#%d", &number); err != nil {
			c.t.Fatal(err)
		}
		known := slices.ContainsFunc(c.timeline(number), func(e *hubv1.Entry) bool {
			mine := e.UserId == "ada" && e.DeviceId != "" && is(e, incident.KindAcknowledged, incident.KindAlready, incident.KindTooLate, incident.KindRenewed)
			return mine || !here && is(e, incident.KindAcknowledged)
		})
		if !known {
			missing = append(missing, name)
		}
	}
	return missing
}

// history is one incident as its timeline tells it.
type history struct {
	c       *campaign
	i       *hubv1.Incident
	entries []*hubv1.Entry
	pages   map[pageKey]*pageLife
	told    bool          // the test's log has it
	longest time.Duration // in which nobody was paged anew although nobody had it
}

type pageKey struct {
	wave uint32
	user string
}

// pageLife is what became of a page. The ends are zero until they come.
type pageLife struct {
	ended    time.Time // with any outcome
	answered time.Time // by the gateway
}

func (c *campaign) history(i *hubv1.Incident) *history {
	c.t.Helper()
	h := &history{c: c, i: i, entries: c.timeline(i.Number), pages: map[pageKey]*pageLife{}}
	received := map[string]bool{}
	for _, e := range h.entries {
		key := pageKey{e.Wave, e.UserId}
		p, at := h.pages[key], e.At.AsTime()
		if p == nil && is(e, incident.KindPageEnded, incident.KindMethodAccepted, incident.KindMethodFailed, incident.KindReceived) {
			h.wrong("%s of a page that was not made: %v", e.Kind, key)
			continue
		}
		switch incident.Kind(e.Kind) {
		case incident.KindPaged:
			if p != nil {
				h.wrong("page %v was made twice", key)
			}
			h.pages[key] = &pageLife{}
		case incident.KindPageEnded:
			if !p.ended.IsZero() {
				h.wrong("page %v ended twice", key)
			}
			_, outcome, _ := strings.Cut(e.Text, "ended: ")
			if !slices.ContainsFunc(outcomes, func(o string) bool { return strings.HasPrefix(outcome, o) }) {
				h.wrong("page %v: %s", key, e.Text)
			}
			p.ended = at
		case incident.KindMethodAccepted, incident.KindMethodFailed:
			if !p.answered.IsZero() {
				h.wrong("the message of page %v was answered twice", key)
			}
			p.answered = at
		case incident.KindReceived:
			if name := fmt.Sprint(key, e.DeviceId); received[name] {
				h.wrong("page %v was told twice as new on one device", key)
			} else {
				received[name] = true
			}
		}
	}
	h.quietness()
	return h
}

var outcomes = []string{"acknowledged", "taken", "resolved", "snoozed", "merged", "passed on", "passed_on", "superseded"}

func (h *history) wrong(format string, args ...any) {
	h.c.t.Helper()
	h.c.t.Errorf("incident %d (%s): %s", h.i.Number, h.i.Status, fmt.Sprintf(format, args...))
	if h.told {
		return
	}
	h.told = true
	for _, e := range h.entries {
		h.c.t.Logf("  %s %s %s", e.At.AsTime().Format(time.StampMilli), e.Kind, e.Text)
	}
}

// quietness: somebody is paged for each opening, who has it is left alone, and while
// nobody has it the next page is never far.
func (h *history) quietness() {
	h.c.t.Helper()
	quiet, paged, last := true, true, time.Time{}
	for _, e := range h.entries {
		at := e.At.AsTime()
		if !quiet && is(e, incident.KindPaged, incident.KindReopened, incident.KindAcknowledged, incident.KindResolved) {
			h.longest = max(h.longest, at.Sub(last))
		}
		if !paged && is(e, incident.KindAcknowledged, incident.KindResolved) {
			h.wrong("%s came before anybody was paged", e.Kind)
		}
		switch incident.Kind(e.Kind) {
		case incident.KindPaged:
			if quiet {
				h.wrong("%s was paged (%s) although somebody had it, or it was over", e.UserId, e.Reason)
			}
			paged, last = true, at
		case incident.KindTriggered, incident.KindReopened:
			quiet, paged, last = false, false, at
		case incident.KindAcknowledged, incident.KindResolved:
			quiet = true
		}
	}
	if !quiet {
		h.longest = max(h.longest, time.Since(last))
	}
	if h.longest > levelTimeout+graceOfHub+graceOfMachine {
		h.wrong("nobody had it and nobody was paged anew for %s", h.longest)
	}
	for key, p := range h.pages {
		if quiet && p.ended.IsZero() {
			h.wrong("page %v has no end", key)
		}
	}
}

func (h *history) count(kinds ...incident.Kind) int {
	n := 0
	for _, e := range h.entries {
		if is(e, kinds...) {
			n++
		}
	}
	return n
}

// of compares the incident with what its source and the people were answered.
func (h *history) of(k *keyed) {
	h.c.t.Helper()
	if n := int(h.i.Alerts[0].Count); n < k.sure || n > k.sure+k.maybe {
		h.wrong("it counts %d triggers; %d were accepted, and of %d the answer was lost", n, k.sure, k.maybe)
	}
	if n := h.count(incident.KindTriggered, incident.KindReopened); n != k.openings {
		h.wrong("it opened %d times, its source made it %d times", n, k.openings)
	}
	ends := k.openings
	if !k.resolved {
		ends--
	}
	if n := h.count(incident.KindResolved); n != ends {
		h.wrong("it was resolved %d times, its source did it %d times", n, ends)
	}
	if (h.i.Status == "resolved") != k.resolved || k.acknowledged && h.i.Status == "triggered" {
		h.wrong("its source was told: resolved %t, acknowledged %t", k.resolved, k.acknowledged)
	}
	if n := h.count(incident.KindAcknowledged, incident.KindRenewed); n < h.c.taken[h.i.Number] {
		h.wrong("people took it %d times, and were told so %d times", n, h.c.taken[h.i.Number])
	}
}

// pushed: no life of the hub sends a message twice, nor one of which an earlier
// life had stored that it was taken, or that its page was over. A hub that was killed
// before it had stored what the gateway said sends again.
func (h *history) pushed(all map[string][]push) {
	h.c.t.Helper()
	for key, p := range h.pages {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s.%d.%s.push", h.i.Id, key.wave, key.user))
		last := push{life: -1}
		for _, m := range all[hex.EncodeToString(sum[:16])] {
			began := h.c.started[m.life]
			if m.life == last.life {
				h.wrong("the message of page %v was sent twice in life %d", key, m.life)
			}
			last = m
			for what, at := range map[string]time.Time{"was taken": p.answered, "was no longer needed": p.ended} {
				if !at.IsZero() && at.Before(began) {
					h.wrong("the message of page %v was sent in life %d although it %s before", key, m.life, what)
				}
			}
		}
	}
}

// alarmed: while one agent ran, it told of each page once, however often it lost its
// hub.
func (h *history) alarmed(told map[int]int) {
	h.c.t.Helper()
	pages := 0
	for key := range h.pages {
		if key.user == "ada" {
			pages++
		}
	}
	for life, n := range told {
		if n > pages {
			h.wrong("life %d of the agent alarmed %d times for %d pages", life, n, pages)
		}
	}
}
