package muster

import (
	"fmt"
	"strings"
	"time"

	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/readiness"
	"tocsin/hub/responder"
)

// stale is how long it is of use to say that a shift began or ended.
const stale = 24 * time.Hour

// notices says what people are told of looks that were due.
func notices(org *organisation.Organisation, h organisation.History, tasks []readiness.Task, found map[responder.UserID]readiness.Verdict, now time.Time) []notice.Notice {
	var list []notice.Notice
	bad := map[responder.UserID][]readiness.Task{} // those whose look was not good
	var order []responder.UserID
	for _, t := range tasks {
		switch t.Moment {
		case readiness.AtStart:
			n := begins(org, t, now)
			if v, looked := found[t.User]; looked && !v.Good {
				n.Via = notice.ViaDevices // by other ways it is part of the warning
			}
			list = append(list, n)
		case readiness.AtEnd:
			list = append(list, ends(org, h, t, now))
			continue
		}
		if v, looked := found[t.User]; looked && t.High && !v.Good {
			if bad[t.User] == nil {
				order = append(order, t.User)
			}
			bad[t.User] = append(bad[t.User], t)
		}
	}
	for _, u := range order {
		list = append(list, warn(org, bad[u], found[u], now))
		for _, t := range bad[u] {
			if t.Moment == readiness.AtStart {
				list = append(list, warnManagers(org, t, found[u], now)...)
			}
		}
	}
	return list
}

// id names what a notice is about: a shift, and what of it.
func id(what string, t readiness.Task, u responder.UserID) string {
	return fmt.Sprintf("%s/%s/%s/%s", what, t.Schedule, t.Start.UTC().Format(time.RFC3339), u)
}

// quietly is by which ways somebody hears what matters little: their devices, or
// what does not wake where there is none.
func quietly(org *organisation.Organisation, u responder.UserID) notice.Via {
	if len(org.DevicesOf(u)) == 0 {
		return notice.ViaQuiet
	}
	return notice.ViaDevices
}

// begins tells who comes on duty.
func begins(org *organisation.Organisation, t readiness.Task, now time.Time) notice.Notice {
	user, _ := org.User(t.User)
	zone := user.Zone()
	n := notice.Notice{
		ID: id("on-call", t, t.User), User: t.User, Title: "You are on call for " + t.Name,
		Text: "Until " + when(t.End, zone) + ".", Until: until(t.End, now), Via: quietly(org, t.User),
	}
	if t.End.IsZero() {
		n.Text = "No end is in sight."
	}
	if now.Sub(t.Start) > time.Hour {
		n.Text = "Since " + when(t.Start, zone) + ". " + n.Text
	}
	return n
}

// ends tells who goes off duty.
func ends(org *organisation.Organisation, h organisation.History, t readiness.Task, now time.Time) notice.Notice {
	user, _ := org.User(t.User)
	text := "Nobody is on call there now."
	if next, _ := h.OnCall(t.Schedule, t.End); next != "" {
		text = org.UserName(next) + " is on call there now."
	}
	return notice.Notice{
		ID: id("off-call", t, t.User), User: t.User, Title: "Your shift for " + t.Name + " is over",
		Text: "It ended at " + when(t.End, user.Zone()) + ". " + text, Until: now.Add(stale), Via: quietly(org, t.User),
	}
}

func until(end, now time.Time) time.Time {
	if end.IsZero() || end.Sub(now) > stale {
		return now.Add(stale)
	}
	return end
}

// warn tells somebody what keeps them from being reached, once for all of their
// shifts that were looked at together.
func warn(org *organisation.Organisation, tasks []readiness.Task, v readiness.Verdict, now time.Time) notice.Notice {
	user, _ := org.User(tasks[0].User)
	zone := user.Zone()
	var names, lines []string
	last := now
	for _, t := range tasks {
		names = append(names, t.Name)
		verb, end := "begins", ""
		if !t.Start.After(now) {
			verb = "began"
		}
		if t.Moment == readiness.AtStart && !t.End.IsZero() {
			end = ", until " + when(t.End, zone)
		}
		lines = append(lines, fmt.Sprintf("Your shift for %s %s at %s%s.", t.Name, verb, when(t.Start, zone), end))
		use := t.Start
		if t.Moment == readiness.AtStart {
			use = until(t.End, now)
		}
		if use.After(last) {
			last = use
		}
	}
	title := "You might not be reached when you are on call for " + strings.Join(names, ", ")
	if tasks[0].Moment == readiness.AtStart {
		title = "You are on call for " + strings.Join(names, ", ") + " and might not be reached"
	}
	return notice.Notice{
		ID: id("check-"+string(tasks[0].Moment), tasks[0], user.ID), User: user.ID, Title: title,
		Text: strings.Join(append(lines, v.Problems...), "\n"), Until: last, Via: notice.ViaEvery,
	}
}

// warnManagers tells those who look after the team. What is wrong on a device is
// for its user alone.
func warnManagers(org *organisation.Organisation, t readiness.Task, v readiness.Verdict, now time.Time) []notice.Notice {
	name := org.UserName(t.User)
	var list []notice.Notice
	for _, m := range readiness.Managers(org, t.Shift) {
		user, _ := org.User(m)
		lines := []string{fmt.Sprintf("%s is on call for %s since %s, until %s.", name, t.Name, when(t.Start, user.Zone()), when(t.End, user.Zone()))}
		if t.End.IsZero() {
			lines[0] = fmt.Sprintf("%s is on call for %s since %s.", name, t.Name, when(t.Start, user.Zone()))
		}
		lines = append(lines, map[readiness.Reach]string{
			readiness.No:        "The check at the start of the shift found no way to reach them.",
			readiness.Unchecked: "The check at the start of the shift found only ways to reach them that were never used.",
			readiness.Yes:       "The check at the start of the shift found a way to reach them, but not both that it wants: a device in order, and a contact method that wakes.",
		}[v.Reach])
		lines = append(lines, "They were told what to do. Somebody else can take the shift: hub shift take "+string(t.Schedule)+" --as USER.")
		list = append(list, notice.Notice{
			ID: id("check-managers/"+string(t.User), t, m), User: m, Title: name + " might not be reached for " + t.Name,
			Text: strings.Join(lines, "\n"), Until: until(t.End, now), Via: notice.ViaQuiet,
		})
	}
	return list
}

// when is a time as its reader's clock shows it.
func when(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Mon 2 Jan 2006 15:04 MST")
}
