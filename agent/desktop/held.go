package desktop

import (
	"slices"
	"time"

	"tocsin/agent/inbox"
	"tocsin/agent/ui"
)

// wishes are the commands as the windows name them.
var wishes = map[inbox.Command]ui.IntentKind{
	inbox.Acknowledge: ui.Acknowledge, inbox.Resolve: ui.Resolve, inbox.PassOn: ui.PassOn,
	inbox.Snooze: ui.Snooze, inbox.HandOver: ui.HandOver, inbox.Keep: ui.Keep,
}

// holdingOf is what the user holds, and what is asked about it.
func holdingOf(s inbox.State, now time.Time) []ui.Held {
	asks, over := asking(s, inbox.StillOnIt, now), asking(s, inbox.ShiftOver, now)
	var out []ui.Held
	for _, h := range s.Mine() {
		held := ui.Held{
			Key: name(h.Key), Opening: h.Opening, Number: h.Number,
			Service: h.Service, Summary: h.Summary, Severity: h.Severity, RunbookURL: h.Runbook,
			Since: h.AcknowledgedAt, QuietUntil: h.QuietUntil, Snoozed: h.Snoozed,
			Asks: asks[h.Key],
		}
		if over[h.Key] {
			held.HandOverAt, held.Successors = h.HandOverAt, h.Successors
		}
		if waiting, ok := s.WaitingOn(h.Key.Incident); ok {
			held.Waiting = wishes[waiting.Command]
		}
		out = append(out, held)
	}
	return out
}

func asking(s inbox.State, q inbox.Question, now time.Time) map[inbox.Key]bool {
	out := map[inbox.Key]bool{}
	for _, h := range s.Asking(q, now) {
		out[h.Key] = true
	}
	return out
}

var reachable = map[inbox.Reachable]ui.Reachable{
	inbox.ReachableYes: ui.ReachableYes, inbox.ReachableNo: ui.ReachableNo, inbox.ReachableUnchecked: ui.ReachableUnchecked,
}

func onCallOf(s inbox.State, now time.Time) []ui.OnCall {
	var out []ui.OnCall
	for _, o := range s.OnCallNow(now) {
		mine := slices.ContainsFunc(s.Roster.Shifts, func(shift inbox.Shift) bool {
			return shift.ScheduleID == o.ScheduleID && !now.Before(shift.Start) && now.Before(shift.End)
		})
		out = append(out, ui.OnCall{
			ScheduleID: o.ScheduleID, Schedule: o.Schedule, Name: o.User,
			Mine: mine, Until: o.Until, Reachable: reachable[o.Reachable],
		})
	}
	return out
}
