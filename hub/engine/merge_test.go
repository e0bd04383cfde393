package engine

import (
	"testing"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/store"
)

// What merging and an edited policy do on the real database.

// mergeEngine is an engine whose service goes by severity, and a low and a high
// incident of it.
func mergeEngine(t *testing.T) (e *Engine, low, high incident.ID) {
	t.Helper()
	e, _, _ = clockEngine(t)
	set := e.directory.Current().Set
	set.Services = []incident.Service{{ID: "s", Policy: "p", Urgency: incident.BySeverity, Lease: 30 * time.Minute}}
	e.directory = fixed{organisation.New(set)}
	return e, trigger(t, e, "low", incident.Warning), trigger(t, e, "high", incident.Critical)
}

func trigger(t *testing.T, e *Engine, key string, s incident.Severity) incident.ID {
	t.Helper()
	c, _, err := e.Ingest(t.Context(), incident.Event{Action: incident.Trigger, Integration: "i", Key: key, Severity: s})
	if err != nil {
		t.Fatal(err)
	}
	return c.State.Incident.ID
}

func reasons(pages []escalation.Page) (out []incident.Reason) {
	for _, p := range pages {
		out = append(out, p.Reason)
	}
	return out
}

func TestAMergeThatRaisesTheUrgencyPagesInTheSameCommit(t *testing.T) {
	e, low, high := mergeEngine(t)
	source, target, why, err := e.Merge(t.Context(), high, low, incident.Command{By: "ada"})
	if err != nil || why != "" {
		t.Fatal(why, err)
	}
	if got := reasons(target.State.Pages); len(got) != 2 || got[1] != escalation.ReasonUrgencyRose || target.State.Pages[1].Low {
		t.Errorf("paged %v", got)
	}
	if p := source.State.Pages[0]; p.Outcome != escalation.OutcomeMerged {
		t.Errorf("its page ended %q", p.Outcome)
	}
	err = e.store.View(t.Context(), func(tx store.Tx) error {
		from, err := tx.Load(high)
		if err == nil && (from.Incident.MergedInto != low || !from.WakeAt.IsZero()) {
			t.Errorf("%+v", from.Incident)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAMergeIntoWhatIsTakenQuietlyAlarmsTheHolderAlone(t *testing.T) {
	e, low, high := mergeEngine(t)
	_, err := e.Do(t.Context(), low, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		s, _, entries := escalation.AcknowledgeBy(s, incident.Command{By: "ada", Made: now}, 30*time.Minute, now)
		return s, entries, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, target, _, err := e.Merge(t.Context(), high, low, incident.Command{By: "ada"})
	if err != nil || target.State.Incident.Status != incident.Triggered || target.State.Course.Stage != escalation.Holder {
		t.Errorf("%+v, %v", target.State.Course, err)
	}
}

func TestAMergeThatIsRefusedChangesNeither(t *testing.T) {
	e, low, high := mergeEngine(t)
	source, target, why, err := e.Merge(t.Context(), low, low, incident.Command{By: "ada"})
	if err != nil || why != incident.ReasonItself || source.saved || target.saved {
		t.Errorf("%q, %v", why, err)
	}
	if _, _, _, err = e.Merge(t.Context(), high, "nothing", incident.Command{By: "ada"}); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}

func TestAChainOfMergesIsFollowedToItsEnd(t *testing.T) {
	e, a, b := mergeEngine(t)
	c := trigger(t, e, "third", incident.Critical)
	for _, pair := range [][2]incident.ID{{a, b}, {b, c}} {
		if _, _, why, err := e.Merge(t.Context(), pair[0], pair[1], incident.Command{By: "ada"}); why != "" || err != nil {
			t.Fatal(why, err)
		}
	}
	for _, action := range []incident.Action{incident.Trigger, incident.Resolve} {
		for _, key := range []string{"low", "high"} {
			_, effect, err := e.Ingest(t.Context(), incident.Event{Action: action, Integration: "i", Key: key, Severity: incident.Critical})
			if want := map[incident.Action]incident.Effect{incident.Trigger: incident.Repeated, incident.Resolve: incident.AlertEnded}[action]; effect != want || err != nil {
				t.Errorf("%s %s: %s, %v", action, key, effect, err)
			}
		}
	}
	last, effect, err := e.Ingest(t.Context(), incident.Event{Action: incident.Resolve, Integration: "i", Key: "third"})
	if effect != incident.Ended || last.State.Incident.ID != c || err != nil {
		t.Errorf("%s, %v", effect, err)
	}
}
