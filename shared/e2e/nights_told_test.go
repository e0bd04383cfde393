package e2e

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

var tellNights = flag.Bool("tell-nights", false, "write shared/docs/nights.md anew")

// A toldNight is a story, and what its timelines are to show a reader.
type toldNight struct {
	title, happens string
	yaml           string
	play           func(t *testing.T, r *reached)
	incidents      uint64
}

var toldNights = []toldNight{
	{
		"A closed laptop, and a telephone that is not answered at once",
		`Ada is on call, and her laptop is closed. The first telephone gateway is down. She does not hear the first call, and
presses 1 in the second.`,
		sleepers(adasPhone),
		func(t *testing.T, r *reached) {
			r.enrol("ada", -1)
			r.enrol("bob", -1)
			r.set("phone-one", 503)
			r.event("trigger", "db", "critical", "The database is down")
			r.after(12 * time.Second)
			first := r.took(&r.calls)[0]
			r.went(t, first, "ringing")
			r.after(40 * time.Second)
			r.went(t, first, "no-answer")
			r.set("phone-one", 0)
			r.after(75 * time.Second)
			second := r.took(&r.calls)[1]
			r.went(t, second, "ringing", "in-progress")
			r.after(82 * time.Second)
			r.post(second.url+"/key", url.Values{"Digits": {"1"}})
			r.went(t, second, "completed")
			r.after(20 * time.Minute)
			r.send("resolve", "db", "critical")
		},
		1,
	},
	{
		"Sick at night",
		`Ada is alarmed, cannot, and leaves: "I can't" in the tray. Her page goes on to Bob at once, who acknowledges after half a
minute. He is asked too whether he takes over for the hours that she is away (the second timeline), and accepts.`,
		relieved(""),
		func(t *testing.T, r *reached) {
			r.enrol("ada", -1).join()
			r.enrol("bob", 30*time.Second).join()
			r.after(time.Second)
			r.event("trigger", "db", "critical", "The database is down")
			r.after(time.Minute)
			r.off(t, &hubv1.GoOffDutyRequest{Cannot: true})
			r.after(30 * time.Minute)
			r.send("resolve", "db", "critical")
		},
		2,
	},
	{
		"The end of a shift, with an incident that is not over",
		`Ada has acknowledged when her shift ends at 00:30. The question on her screen stays unanswered, so after a quarter
of an hour the hub hands over to Bob, and lets her go once the alarm is on his screen.`,
		strings.Replace(relieved(""), `rotation: {kind: daily, start: "2000-01-01T00:00"}, participants: [ada]`,
			`rotation: {kind: daily, start: "1999-12-31T00:30"}, participants: [ada, bob]`, 1) + "    acknowledgement_timeout: 2h\n",
		func(t *testing.T, r *reached) {
			r.enrol("ada", 20*time.Second).join()
			r.enrol("bob", 30*time.Second).join()
			r.after(9 * time.Minute)
			r.event("trigger", "db", "critical", "The database is down")
			r.after(50 * time.Minute)
			r.send("resolve", "db", "critical")
		},
		1,
	},
}

// TestTheNightsInTheDocsHappenAsTheyAreTold plays each night on the real hub in
// virtual time; -tell-nights writes what it told.
func TestTheNightsInTheDocsHappenAsTheyAreTold(t *testing.T) {
	const file = "../docs/nights.md"
	var doc strings.Builder
	doc.WriteString(`# Three nights, as their timelines tell them

What ` + "`hub timeline N`" + ` prints, for three stories that a test plays on the hub
(` + "`TestTheNightsInTheDocsHappenAsTheyAreTold`" + `; the clock of its world begins in the year 2000).
`)
	for _, n := range toldNights {
		fmt.Fprintf(&doc, "\n## %s\n\n%s\n", n.title, n.happens)
		inBubble(t, n.yaml, func(r *reached) {
			n.play(t, r)
			for number := range n.incidents {
				fmt.Fprintf(&doc, "\n    $ hub timeline %d\n", number+1)
				for _, e := range r.timeline(number + 1) {
					fmt.Fprintf(&doc, "    %s  %s\n", e.At.AsTime().UTC().Format("15:04:05.000 MST"), e.Text)
				}
			}
		})
	}
	if *tellNights {
		if err := os.WriteFile(file, []byte(doc.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	told, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(told) != doc.String() {
		t.Errorf("%s tells something else; if that is meant, write it anew with: go test ./shared/e2e -run Nights -tell-nights\n%s", file, doc.String())
	}
}
