package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/hub/notice"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// inTurns pages who is on call by a schedule: ada by day, bob by night, from the
// first of January 2000 on at nine, which is nine hours after the test begins.
const inTurns = `
organisation: Test
catch_all: [kim]
users:
  - {id: ada, name: Ada Adams, role: admin, contact_methods: [{id: push, kind: ntfy, url: "https://ntfy.example.org/ada", wakes: true}]}
  - {id: bob, name: Bob Brown}
  - {id: kim, name: Kim King}
teams:
  - {id: shop, name: Shop, managers: [kim], members: [ada, bob]}
schedules:
  - id: web
    name: Web
    team: shop
    time_zone: UTC
    layers:
      - name: days
        rotation: {kind: hourly, length: 12, start: "2000-01-01T09:00"}
        participants: [ada, bob]
escalation_policies:
  - id: shop
    levels: [{timeout: 5m, targets: [{schedule: web}]}]
services:
  - id: shop
    name: The shop
    team: shop
    escalation_policy: shop
    integrations: [{id: events, kind: events_v2, key_from: {env: KEY}}]
`

// noticed lists the ids of what a user was told, oldest first.
func (h *running) noticed(user responder.UserID) string {
	h.Helper()
	var ids []string
	h.view(func(tx store.Tx) error {
		list, err := tx.Notices(user, 100)
		for _, n := range list {
			ids = append([]string{strings.TrimSuffix(n.ID, "/"+string(user))}, ids...)
		}
		return err
	})
	return strings.Join(ids, " ")
}

// notice finds what a user was told.
func (h *running) notice(user responder.UserID, id string) notice.Told {
	h.Helper()
	var found notice.Told
	h.view(func(tx store.Tx) error {
		list, err := tx.Notices(user, 100)
		for _, n := range list {
			if strings.HasPrefix(n.ID, id) {
				found = n
			}
		}
		return err
	})
	if found.ID == "" {
		h.Fatalf("%s was not told %s, but %s", user, id, h.noticed(user))
	}
	return found
}

// until sleeps until a time of January 2000.
func (h *running) until(text string) {
	h.Helper()
	at, err := time.Parse("2006-01-02 15:04", "2000-01-"+text)
	if err != nil {
		h.Fatal(err)
	}
	h.sleep(time.Until(at))
}

// worked notes that a contact method worked last.
func (h *running) worked(user responder.UserID, method responder.MethodID) {
	h.Helper()
	err := h.hub.store.Update(h.Context(), func(tx store.Tx) error { return tx.NoteMethodTest(user, method, true, time.Now()) })
	if err != nil {
		h.Fatal(err)
	}
}

func TestAShiftIsCheckedAndWhoComesAndGoesIsTold(t *testing.T) {
	inBubble(t, inTurns, func(h *running) {
		ada := h.enrol("ada")
		ada.probed = &agentv1.ProbeResult{Ready: true}
		h.worked("ada", "push")
		for _, at := range []string{"01 07:59", "01 08:59", "01 20:59"} {
			h.until(at)
			ada.connect()
			h.sleep(2 * time.Minute)
			ada.leave()
		}
		h.is("ada, whose ways work", h.noticed("ada"), "on-call/web/2000-01-01T09:00:00Z off-call/web/2000-01-01T09:00:00Z")
		h.is("ada's devices were told, as none has shown anything", ada.noticeIDs(), "on-call/web/2000-01-01T09:00:00Z/ada off-call/web/2000-01-01T09:00:00Z/ada ")
		h.is("she was told until when", h.notice("ada", "on-call").Text, "Until Sat 1 Jan 2000 21:00 UTC.")
		h.is("and who followed", h.notice("ada", "off-call").Text, "It ended at Sat 1 Jan 2000 21:00 UTC. Bob Brown is on call there now.")
		h.is("bob, who has nothing", h.noticed("bob"),
			"check-day_before/web/2000-01-01T21:00:00Z check-hours_before/web/2000-01-01T21:00:00Z on-call/web/2000-01-01T21:00:00Z check-start/web/2000-01-01T21:00:00Z")
		h.is("kim, who manages, at the start only", h.noticed("kim"), "check-managers/bob/web/2000-01-01T21:00:00Z")
		told := h.notice("bob", "check-day")
		h.is("bob's look of the day before was missed, and is made when day begins", told.Made.Format("2 15:04"), "1 08:00")
		h.is("in words", told.Title+"\n"+told.Text, `You might not be reached when you are on call for Web
Your shift for Web begins at Sat 1 Jan 2000 21:00 UTC.
You have no device: install the agent, and enrol it with a code that hub enroll makes.
You have no contact method that wakes you when the laptop is closed: ask an admin for one with wakes: true, such as a telephone call or a push message.`)
		h.is("two hours before", h.notice("bob", "check-hours").Made.Format("2 15:04"), "1 19:00")
		h.is("kim learns no more than needed", h.notice("kim", "check-managers").Text, `Bob Brown is on call for Web since Sat 1 Jan 2000 21:00 UTC, until Sun 2 Jan 2000 09:00 UTC.
The check at the start of the shift found no way to reach them.
They were told what to do. Somebody else can take the shift: hub shift take web --as USER.`)
	})
}

func TestADeviceThatAnswersNoProbeInTenSecondsDoesNotCount(t *testing.T) {
	inBubble(t, inTurns, func(h *running) {
		ada := h.enrol("ada") // answers beats, and no probe
		ada.connect()
		h.until("01 08:00")
		h.sleep(9 * time.Second)
		h.is("it waits", h.noticed("ada"), "")
		h.sleep(2 * time.Second)
		told := h.notice("ada", "check-hours")
		if !strings.Contains(told.Text, "ada's laptop did not answer within 10 seconds") || told.Via != notice.ViaEvery || len(told.Sends) != 1 {
			t.Errorf("%+v", told)
		}
	})
}

func TestADeviceThatCannotAlarmIsToldWhy(t *testing.T) {
	inBubble(t, inTurns, func(h *running) {
		ada := h.enrol("ada")
		ada.probed = &agentv1.ProbeResult{Problems: []string{"The sound is off."}}
		ada.connect()
		h.until("01 08:01")
		if told := h.notice("ada", "check-hours"); !strings.Contains(told.Text, "ada's laptop could raise no alarm. The sound is off.") {
			t.Errorf("%+v", told)
		}
	})
}

func TestWhatFellDueWhileTheHubWasDownIsDoneOnce(t *testing.T) {
	inBubble(t, inTurns, func(h *running) {
		h.stop()
		h.until("02 02:00") // ada's shift is over, bob's began
		h.start()
		h.sleep(2 * time.Minute)
		want := "on-call/web/2000-01-01T21:00:00Z check-start/web/2000-01-01T21:00:00Z"
		h.is("bob's start is told in the night too, as he is on call", h.noticed("bob"), want)
		h.is("ada heard only that her shift is over, and nothing of the next one by night", h.noticed("ada"), "off-call/web/2000-01-01T09:00:00Z")
		h.stop()
		h.start()
		h.sleep(2 * time.Minute)
		h.is("after another restart", h.noticed("bob"), want)
		h.until("02 08:01")
		h.is("ada in the morning, by one look for two", h.noticed("ada"),
			"off-call/web/2000-01-01T09:00:00Z check-hours_before/web/2000-01-02T09:00:00Z")
	})
}

func TestWhoIsOffDutyIsNotChecked(t *testing.T) {
	inBubble(t, inTurns, func(h *running) {
		ada := h.enrol("ada")
		ada.offDuty(36 * time.Hour)
		h.until("01 10:00")
		h.is("ada", h.noticed("ada"), "")
	})
}

// rosters counts how often a device was told who is on call.
func (d *device) rosters() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, f := range d.frames {
		if f.GetRoster() != nil {
			n++
		}
	}
	return n
}

// board is what a device was told last of who is on call.
func (d *device) board() string {
	var list []string
	for _, o := range last(d, (*agentv1.WatchResponse).GetRoster).OnCall {
		reach := strings.ToLower(strings.TrimPrefix(o.Reachable.String(), "REACHABLE_"))
		list = append(list, fmt.Sprintf("%s: %s until %s, %s", o.ScheduleName, o.UserName, o.Until.AsTime().Format("2 15:04"), reach))
	}
	return strings.Join(list, "; ")
}

func TestATeamSeesWhoIsOnCallAndWhetherTheyCanBeReached(t *testing.T) {
	inBubble(t, inTurns, func(h *running) {
		kim := h.enrol("kim")
		h.until("01 08:59")
		kim.connect()
		h.sleep(3 * time.Minute)
		h.is("by a push message on its way", kim.board(), "Web: Ada Adams until 1 21:00, unchecked")
		h.worked("ada", "push")
		h.sleep(time.Minute)
		h.is("it worked", kim.board(), "Web: Ada Adams until 1 21:00, yes")
		kim.leave()
		h.until("01 20:59")
		kim.connect()
		h.sleep(2 * time.Minute)
		h.is("at the hand-off", kim.board(), "Web: Bob Brown until 2 09:00, no")
		bob := h.enrol("bob")
		bob.connect()
		h.sleep(2 * time.Minute)
		h.is("his laptop is there", kim.board(), "Web: Bob Brown until 2 09:00, yes")
		rosters := kim.rosters()
		h.sleep(10 * time.Minute)
		h.is("nothing new is nothing to tell", kim.rosters(), rosters)
	})
}

// sheet is the call sheet that a device keeps.
func (d *device) sheet() string {
	if s := last(d, (*agentv1.WatchResponse).GetCallSheet); s != nil {
		return s.Text
	}
	return "none"
}

func TestDevicesKeepTheCallSheetOfTheirUser(t *testing.T) {
	inBubble(t, inTurns, func(h *running) {
		ada, kim := h.enrol("ada"), h.enrol("kim")
		ada.connect()
		kim.connect()
		if got := ada.sheet(); !strings.Contains(got, "Sat 1 Jan 09:00 – Sat 1 Jan 21:00  Ada Adams") || got != kim.sheet() {
			t.Errorf("%s", got)
		}
		before := ada.rosters()
		h.apply(strings.Replace(inTurns, "name: Bob Brown", "name: Bob Black", 1))
		h.sleep(time.Second)
		if got := ada.sheet(); !strings.Contains(got, "Bob Black") || ada.rosters() == before {
			t.Errorf("after the configuration changed: %s", got)
		}
		h.apply(strings.Replace(inTurns, "members: [ada, bob]", "members: [bob]", 1))
		h.sleep(time.Second)
		h.is("who stands in a schedule keeps it", strings.Contains(ada.sheet(), "Ada Adams"), true)
		ada.leave()
		h.apply(strings.ReplaceAll(strings.Replace(inTurns, "members: [ada, bob]", "members: [bob]", 1), "participants: [ada, bob]", "participants: [bob]"))
		ada.connect()
		h.is("who lost their last part while away has none", ada.sheet(), "")
	})
}
