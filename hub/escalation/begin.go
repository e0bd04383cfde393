package escalation

import (
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// risen: the course was that of a quiet notification, and now it is urgent.
func (d *decision) risen() bool {
	return d.Course.Low && d.Incident.Urgency == incident.High
}

// begin starts the course of an opening, or the one after a quiet time. Whoever
// had the incident before is asked alone first, if still on call.
func (d *decision) begin() {
	why, to := d.whyBegin(), d.Course.Asked.Users
	holder := d.Incident.Holder
	alone := holder != "" && (d.onCall(holder) || d.keeps(holder)) && (why == ReasonReopened || why == ReasonLeaseOver ||
		why == ReasonSnoozeOver || why == ReasonUrgencyRose && d.Course.After == why)
	d.closeEarlier()
	d.do(Begin{Opening: d.Incident.Opening, Low: d.Incident.Urgency != incident.High})
	switch {
	case why == ReasonReassigned && len(to) > 0:
		d.assign(to)
	case d.Incident.Urgency != incident.High:
		d.notifyQuietly(why)
	case alone:
		due := d.now.Add(min(holderWait, d.Policy.LongestWait()))
		d.do(Enter{At: d.now, Stage: Holder, Pass: d.Course.Pass + 1, Due: due, Reason: why})
		d.page([]responder.UserID{holder}, why)
	default:
		d.newPass(1, why)
	}
}

// keeps reports whether somebody said to keep the incident beyond their shift.
func (d *decision) keeps(u responder.UserID) bool {
	t := d.Course.Tenure
	return t.Holder == u && d.now.Before(t.Keep) && !d.World.reach(u).OffDuty
}

func (d *decision) whyBegin() incident.Reason {
	begun := d.Course.Opening == d.Incident.Opening
	ask := d.Course.Asked.Reason
	switch {
	case ask != "" && ask != ReasonAdded:
		return ask
	case d.Course.After != "":
		return d.Course.After
	case !d.Incident.AcknowledgedAt.IsZero() && (!begun || d.Course.Stage == None):
		return ReasonLeaseOver
	case begun:
		return ReasonUrgencyRose
	case d.Incident.Opening > 1:
		return ReasonReopened
	}
	return ReasonTriggered
}

// closeEarlier ends pages of an earlier opening, where it ended and the incident
// reopened before anybody looked.
func (d *decision) closeEarlier() {
	for _, p := range d.Pages {
		if p.Open() && p.Opening != d.Incident.Opening {
			d.do(End{Page: p, At: d.now, Outcome: OutcomeResolved, Reason: ReasonResolved})
		}
	}
}

// notifyQuietly tells the first level that has somebody, or the catch-all where
// none has. Low urgency never escalates.
func (d *decision) notifyQuietly(why incident.Reason) {
	pass := d.Course.Pass + 1
	for n := range d.Policy.Levels {
		if users, _ := d.toPage(n+1, pass); len(users) > 0 {
			d.do(Enter{At: d.now, Stage: Stopped, Level: n + 1, Pass: pass, Round: 1, Reason: ReasonLowUrgency})
			d.page(users, why)
			return
		}
	}
	d.do(Enter{At: d.now, Stage: Stopped, Pass: pass, Round: 1, Reason: ReasonNobodyFound})
	d.page(d.catchAllWithout(func(Page) bool { return true }), ReasonNobodyFound)
}
