package inbox

import (
	"slices"
	"time"
)

// probe is a test of the way to an alarm that the hub waits for.
type probe struct {
	id string
	by time.Time
}

// probeWait is how long the shell may take: a desktop that does not answer is
// one that would not alarm.
const probeWait = 5 * time.Second

func (t *turn) probeCame(m ProbeCame) {
	if m.ID == "" || slices.ContainsFunc(t.s.probes, func(p probe) bool { return p.id == m.ID }) {
		return
	}
	t.s.probes = append(t.s.probes, probe{m.ID, t.now.Add(probeWait)})
	t.do(TryAlarm{Probe: m.ID})
}

func (t *turn) alarmTried(m AlarmTried) {
	r := Readiness{Ready: m.Ready, Problems: m.Problems}
	t.ready(r)
	t.answerProbes(r, func(p probe) bool { return p.id == m.Probe })
}

func (t *turn) ready(r Readiness) { t.s.Ready, t.s.Problems = r.Ready, r.Problems }

// probesOverdue answers for a shell that does not.
func (t *turn) probesOverdue() {
	t.answerProbes(Readiness{Problems: []string{"The alarm could not be tried: the desktop did not answer within 5 seconds."}},
		func(p probe) bool { return !t.now.Before(p.by) })
}

func (t *turn) answerProbes(r Readiness, which func(probe) bool) {
	var left []probe
	for _, p := range t.s.probes {
		if !which(p) {
			left = append(left, p)
			continue
		}
		t.do(AnswerProbe{Probe: p.id, Ready: r.Ready, Problems: r.Problems})
	}
	t.s.probes = left
}
