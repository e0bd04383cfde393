package inbox

import (
	"testing"
	"time"
)

func TestAnswersAreSaidOnce(t *testing.T) {
	for _, c := range []struct {
		m    Answered
		want string
	}{
		{Answered{Answer: Applied}, "Acknowledged."},
		{Answered{Answer: Applied, Text: "Resolved. Its source has not said that it is over."}, "Resolved. Its source has not said that it is over."},
		{Answered{Answer: Already, Text: "Already taken by Bob."}, "Already taken by Bob."},
		{Answered{Answer: Already}, "Already done."},
		{Answered{Answer: TooLate}, "Too late."},
		{Answered{Answer: TooLate, Text: "it was triggered again since."}, "Too late: it was triggered again since."},
		{Answered{Answer: TooLate, Text: "Too late: it was triggered again since."}, "Too late: it was triggered again since."},
		{Answered{Answer: Refused, Text: "catch-all pages cannot be passed on."}, "Refused: catch-all pages cannot be passed on."},
		{Answered{Answer: "odd"}, "Refused."},
	} {
		if got := answerText(Acknowledge, Page{}, c.m); got != c.want {
			t.Errorf("%+v is said as %q, want %q", c.m, got, c.want)
		}
	}
}

func TestHowPagesEnd(t *testing.T) {
	for want, p := range map[string]Page{
		"":                      {},
		"Taken by Bob.":         {Outcome: OutcomeTaken, EndedBy: "Bob"},
		"Acknowledged by Ada.":  {Outcome: OutcomeAcknowledged, EndedBy: "Ada"},
		"Resolved.":             {Outcome: "resolved"},
		"Passed on by Ada.":     {Outcome: "passed_on", EndedBy: "Ada"},
		"This page is over.":    {Outcome: outcomeOver},
		"Something new by Bob.": {Outcome: "something_new", EndedBy: "Bob"},
	} {
		if got := Ended(p); got != want {
			t.Errorf("%+v is said as %q, want %q", p, got, want)
		}
	}
}

func TestClockNamesAnotherDay(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	if got := Clock(at.Add(2*time.Minute), at, zone); got != "04:02 CET" {
		t.Errorf("today: %q", got)
	}
	if got := Clock(at.Add(22*time.Hour), at, zone); got != "Tue 3 Nov 02:00 CET" {
		t.Errorf("tomorrow: %q", got)
	}
}
