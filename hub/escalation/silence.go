package escalation

import (
	"slices"
	"time"

	"tocsin/hub/incident"
)

// Source is what is known of an integration whose alerts resolve by quiet.
type Source struct {
	Integration incident.IntegrationID
	After       time.Duration // how long an alert must not be repeated
	Heartbeat   incident.IntegrationID
	Window      time.Duration // the reopen window of the incident's service
	Alive       time.Time     // since when its heartbeat has come without a gap; zero: it does not
}

// WaitSilence: an alert that is not repeated until then resolves.
const WaitSilence incident.Reason = "resolve_after_quiet"

// EndAlert resolves an alert that was quiet for long enough.
type EndAlert struct {
	At          time.Time
	Integration incident.IntegrationID
	Key         string
	Window      time.Duration
	Told        incident.Entry
}

// Silence notes that the source of an alert is silent, or with Back that it is
// alive again.
type Silence struct {
	At          time.Time
	Integration incident.IntegrationID
	Key         string
	Back        bool
	Heartbeat   incident.IntegrationID
	First       bool // no other alert of the incident tells of the same source
}

// sources looks after alerts whose sources never say that it is over. Quiet is
// counted from the last repetition, and only while both the source and the hub
// ran: after either was away it counts anew, since repetitions may have been lost.
// It reports whether there was anything to do.
func (d *decision) sources() bool {
	for _, a := range slices.Clone(d.Incident.Alerts) {
		src, ok := d.World.source(a.Integration)
		if !ok && !a.SilentAt.IsZero() { // the rule was taken away
			d.do(Silence{At: d.now, Integration: a.Integration, Key: a.Key, Back: true})
		}
		if !a.Open || !ok || !d.Incident.Open() {
			continue
		}
		quiet := later(a.LastAt, d.World.HubStart)
		switch alive := !src.Alive.IsZero(); {
		case !alive && !a.SilentAt.IsZero():
		case !alive && !d.now.Before(quiet.Add(src.After)):
			d.do(Silence{At: d.now, Integration: a.Integration, Key: a.Key, Heartbeat: src.Heartbeat, First: d.first(a)})
		case !alive:
			d.waitFor(quiet.Add(src.After), WaitSilence)
		case !d.now.Before(later(quiet, src.Alive).Add(src.After)):
			d.endAlert(a, src.Window)
		case !a.SilentAt.IsZero():
			d.do(Silence{At: d.now, Integration: a.Integration, Key: a.Key, Back: true, Heartbeat: src.Heartbeat, First: d.last(a)})
		default:
			d.waitFor(later(quiet, src.Alive).Add(src.After), WaitSilence)
		}
	}
	return len(d.actions) > 0
}

func (d *decision) endAlert(a incident.Alert, window time.Duration) {
	_, told := incident.QuietAlert(d.Incident, d.alert(a.Integration, a.Key), window, d.now)
	d.do(EndAlert{At: d.now, Integration: a.Integration, Key: a.Key, Window: window, Told: told[len(told)-1]})
}

// first: no other alert of the same source is marked as silent.
func (d *decision) first(a incident.Alert) bool {
	return !slices.Contains(d.Incident.Silent(), a.Integration)
}

// last: of the alerts of the same source this is the only one marked as silent.
func (d *decision) last(a incident.Alert) bool {
	return !slices.ContainsFunc(d.Incident.Alerts, func(o incident.Alert) bool {
		return o.Open && !o.SilentAt.IsZero() && o.Integration == a.Integration && o.Key != a.Key
	})
}

func (w World) source(id incident.IntegrationID) (Source, bool) {
	i := slices.IndexFunc(w.Sources, func(s Source) bool { return s.Integration == id })
	if i < 0 {
		return Source{}, false
	}
	return w.Sources[i], true
}

func (s State) alert(integration incident.IntegrationID, key string) int {
	return slices.IndexFunc(s.Incident.Alerts, func(a incident.Alert) bool { return a.Integration == integration && a.Key == key })
}

func (a EndAlert) apply(s State) State {
	if n := s.alert(a.Integration, a.Key); n >= 0 {
		s.Incident, _ = incident.QuietAlert(s.Incident, n, a.Window, a.At)
	}
	return s
}

// Entry tells that the alert is over, or with it the incident.
func (a EndAlert) Entry() incident.Entry { return a.Told }

func (a Silence) apply(s State) State {
	at := a.At
	if a.Back {
		at = time.Time{}
	}
	if n := s.alert(a.Integration, a.Key); n >= 0 {
		s.Incident = incident.SilentAlert(s.Incident, n, at)
	}
	return s
}

// Entry tells of it once for a source.
func (a Silence) Entry() incident.Entry {
	if !a.First {
		return incident.Entry{}
	}
	kind := incident.KindSourceSilent
	if a.Back {
		kind = incident.KindSourceBack
	}
	return incident.Entry{At: a.At, Kind: kind, Reason: incident.ReasonQuiet, Text: string(a.Integration) + " " + string(a.Heartbeat)}
}
