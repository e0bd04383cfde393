package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// BenchmarkHistories is what the core alone costs for one incident: level 1 is
// unreachable, level 2 rings and sleeps on, level 3 takes it, the lease ends,
// the holder resolves.
func BenchmarkHistories(b *testing.B) {
	s := State{Policy: Policy{ID: "p", Repeat: 2, WhenExhausted: KeepPaging}, World: World{CatchAll: users("kim"), HubStart: t0.Add(-time.Hour)}}
	for _, u := range users("ada bob cleo kim") {
		s.Policy.Levels = append(s.Policy.Levels, Level{Timeout: 5 * m})
		s.World.Levels = append(s.World.Levels, Roster{Users: []responder.UserID{u}})
		s.World.Reach = append(s.World.Reach, Reach{User: u,
			Methods: []Method{{ID: responder.Devices}, {ID: "phone", After: 30 * time.Second, Wakes: true}},
			Devices: []Link{{Device: responder.DeviceID(u), Since: t0.Add(-time.Hour)}}})
	}
	s.Incident = incident.Incident{Status: incident.Triggered, Urgency: incident.High, Opening: 1, TriggeredAt: t0}
	decisions := 0
	step := func(s State, now time.Time) (State, time.Time) {
		for {
			d := Decide(s, now)
			decisions++
			if len(d.Actions) == 0 {
				return s, d.WakeAt
			}
			for _, a := range d.Actions {
				s = Apply(s, a)
				if tr, ok := a.(Travel); ok && tr.Page.User != "ada" {
					s = Observe(s, tr.Page.Key, responder.DeviceID(tr.Page.User), true, now)
				} else if ok && tr.Method == "phone" {
					s = Answer(s, tr.Page.Key, "phone", false, now)
				}
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		h, now := s, t0
		taken := false
		for h.Incident.Open() {
			var wake time.Time
			h, wake = step(h, now)
			if p, ok := h.OpenPageOf("cleo"); ok && !taken {
				taken = true
				h.Incident, _, _ = incident.AcknowledgeBy(h.Incident, incident.Command{By: p.User}, 30*m, now)
			} else if ok && p.Stage == Holder {
				h.Incident, _, _ = incident.ResolveBy(h.Incident, incident.Command{By: p.User}, 30*m, now)
			} else {
				now = wake
			}
		}
		step(h, now)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "histories/s")
	b.ReportMetric(float64(decisions)/b.Elapsed().Seconds(), "decisions/s")
}
