package escalation

import "tocsin/hub/incident"

// RefreshPolicy moves an open incident to its policy as it stands at a revision.
// What pages begins level 1 of that anew; what waits or what somebody has goes on
// as it is, and follows it afterwards.
func RefreshPolicy(s State, c incident.Command, p Policy, revision uint64) (State, incident.Entry) {
	e := incident.Entry{At: c.Made, Kind: incident.KindPolicyRefreshed, Reason: incident.ReasonByUser, User: c.By, Text: p.Name}
	if s.Paging() {
		s.Course.Asked, s.Course.Stage = Ask{Reason: ReasonPolicyEdited}, None
	}
	s.Policy, s.Incident.Revision = p, revision
	return s, e
}

// Paging reports whether paging is under way, so that another policy begins at
// once.
func (s State) Paging() bool {
	return s.Incident.Status == incident.Triggered && !s.Incident.Held() &&
		s.Course.Opening == s.Incident.Opening && s.Course.Stage != None
}
