package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
)

// suppressed: a rule of the service keeps the incident from people.
func (st *story) suppressed() *story { return st.urgency(incident.Suppressed).trigger() }

func TestOfWhatARuleSuppressesNobodyIsTold(t *testing.T) {
	st := given(t, 5*m).levels("ada").suppressed().at(24 * time.Hour).pages()
	if d := Decide(st.look(), st.now); !d.WakeAt.IsZero() || d.Reason != WaitSuppressed {
		t.Errorf("%+v", d)
	}
}

func TestWhatNoRuleSuppressesAnyMorePagesAtOnce(t *testing.T) {
	st := given(t, 5*m).levels("ada").suppressed().at(time.Hour).pages()
	st.s.Incident.Urgency = incident.High
	st.at(time.Hour).pages("1h0m0s ada triggered").waits(time.Hour+5*m, WaitTimeout)
}

func TestWhatIsSuppressedAndWasTakenPagesNobodyWhenTheLeaseEnds(t *testing.T) {
	given(t, 5*m).levels("ada").suppressed().at(m).acknowledge("ada", 30*m).at(time.Hour).pages()
}

func TestWhatAPersonAsksForWinsOverARuleThatSuppresses(t *testing.T) {
	given(t, 5*m).levels("ada").suppressed().at(m).reassign("bob").pages("1m0s bob reassigned").at(time.Hour).pages()
	given(t, 5*m).levels("ada").suppressed().at(m).add("bob").pages("1m0s bob added").at(time.Hour).pages()
}

func TestWhatARuleSuppressesDoesNotWaitForTheCalendar(t *testing.T) {
	given(t, 5*m).levels("ada").maintenance(0, time.Hour).suppressed().at(2 * time.Hour).pages()
}
