package duty

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
)

// mostMoves is how many stretches a notice names before it counts them.
const mostMoves = 6

// moveNotices tell each user whose shifts moved, but those who know.
func moveNotices(before, after *organisation.Organisation, moves []rota.Move, but []responder.UserID, now time.Time) []notice.Notice {
	var list []notice.Notice
	for _, u := range after.Users {
		if slices.Contains(but, u.ID) {
			continue
		}
		var lines []string
		var until time.Time
		for _, m := range moves {
			text := moveText(after, before, m, u.ID)
			if text == "" {
				continue
			}
			if lines = append(lines, text); m.End.After(until) {
				until = m.End
			}
		}
		if len(lines) == 0 {
			continue
		}
		n := len(lines)
		if n > mostMoves {
			lines = append(lines[:mostMoves:mostMoves], fmt.Sprintf("There are %d more in the next 90 days.", n-mostMoves))
		}
		title := "Your shifts have moved"
		if n == 1 {
			title = "A shift of yours has moved"
		}
		list = append(list, notice.Notice{
			ID: fmt.Sprintf("moves/%d/%d/%s", after.Revision, now.UnixMilli(), u.ID), User: u.ID, Made: now, Until: until,
			Title: title, Text: strings.Join(lines, " "), Via: notice.ViaQuiet,
		})
	}
	return list
}

// moveText is what a move is to a user; "" if it is nothing.
func moveText(after, before *organisation.Organisation, m rota.Move, u responder.UserID) string {
	zone := zoneOf(after, u)
	when := fmt.Sprintf("%s from %s to %s", m.Schedule, clock(m.Start, zone), clock(m.End, zone))
	switch {
	case m.Is == u && m.Was == "":
		return "You are on call for " + when + "."
	case m.Is == u:
		return fmt.Sprintf("You are on call for %s, instead of %s.", when, nameIn(m.Was, after, before))
	case m.Was == u && m.Is == "":
		return "You are no longer on call for " + when + "; nobody is."
	case m.Was == u:
		return fmt.Sprintf("You are no longer on call for %s; %s is.", when, nameIn(m.Is, after, before))
	}
	return ""
}

// nameIn is what a user is or was called.
func nameIn(u responder.UserID, orgs ...*organisation.Organisation) string {
	for _, o := range orgs {
		if _, known := o.User(u); known {
			return o.UserName(u)
		}
	}
	return string(u)
}
