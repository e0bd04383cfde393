package e2e

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// whatIfStories is how many random stories are played ahead and then for real.
const whatIfStories = 40

// guess is one random story.
type guess struct {
	yaml     string
	severity string
	before   int                      // incidents before it, whose turns come first
	answers  map[string]time.Duration // negative: never
	offline  map[string]bool
}

var guessUsers = []string{"ada", "bob", "eve", "kim"}

func randomGuess(r *rand.Rand) guess {
	g := guess{before: r.IntN(3), severity: []string{"critical", "error", "warning"}[r.IntN(3)], answers: map[string]time.Duration{}, offline: map[string]bool{}}
	for _, u := range guessUsers {
		switch r.IntN(4) {
		case 0:
			g.offline[u] = true
		case 1:
			g.answers[u] = time.Duration(r.IntN(900)) * time.Second
		default:
			g.answers[u] = -1
		}
	}
	var levels strings.Builder
	for range 1 + r.IntN(3) {
		var targets []string
		for range 1 + r.IntN(2) {
			targets = append(targets, []string{"{user: ada}", "{user: bob}", "{schedule: primary}", "{schedule: nobody}", "{team: payments}"}[r.IntN(5)])
		}
		fmt.Fprintf(&levels, "      - {timeout: %ds, targets: [%s], strategy: %s}\n", 30+r.IntN(600), strings.Join(targets, ", "),
			[]string{"all", "round_robin"}[r.IntN(2)])
	}
	g.yaml = fmt.Sprintf(guessYAML, 1+r.IntN(5), r.IntN(3), []string{"keep_paging", "stop"}[r.IntN(2)], levels.String(), []int{0, 0, 30, 90}[r.IntN(4)],
		[]string{"by_severity", "by_severity", "support_hours"}[r.IntN(3)], r.IntN(60))
	if r.IntN(3) == 0 { // bubbles begin at midnight, and the incident comes ten minutes later
		g.yaml += fmt.Sprintf("maintenance_windows:\n  - {services: [api], start: \"2000-01-01T00:%02d\", end: \"2000-01-01T00:%02d\", note: upgrade}\n", r.IntN(12), 12+r.IntN(30))
	}
	return g
}

const guessYAML = `organisation: Example Health
catch_all: [kim]
users:
  - {id: ada, name: Ada Adams, time_zone: Europe/London, role: admin}
  - {id: bob, name: Bob Brown, time_zone: America/New_York, role: responder}
  - {id: eve, name: Eve Evans, time_zone: Asia/Kolkata, role: responder}
  - {id: kim, name: Kim King, time_zone: America/New_York, role: manager}
teams:
  - {id: payments, name: Payments, managers: [kim], members: [ada, eve]}
schedules:
  - id: primary
    name: Primary
    team: payments
    time_zone: America/New_York
    layers:
      - name: often
        rotation: {kind: hourly, length: %d, start: "1999-11-01T09:05"}
        participants: [eve, bob]
  - id: nobody
    name: Nobody
    team: payments
    time_zone: UTC
    layers:
      - name: later
        rotation: {kind: weekly, length: 1, start: "2199-01-01T09:00"}
        participants: [bob]
escalation_policies:
  - id: policy
    name: Policy
    team: payments
    repeat: %d
    when_exhausted: %s
    levels:
%sservices:
  - id: api
    name: API
    team: payments
    escalation_policy: policy
    hold: %ds
    urgency: %s
    support_hours: {time_zone: UTC, from: "00:%02d", to: "12:00"}
    integrations:
      - {id: events, kind: events_v2, key_from: {env: KEY}}
`

func (g guess) ask(at time.Time) *hubv1.SimulateRequest {
	req := &hubv1.SimulateRequest{ServiceId: "api", At: timestamppb.New(at), Severity: g.severity}
	for _, u := range guessUsers {
		a := &hubv1.Answer{UserId: u, Offline: g.offline[u], Never: g.answers[u] < 0}
		if !a.Never && !a.Offline {
			a.AfterMs = g.answers[u].Milliseconds()
		}
		req.Answers = append(req.Answers, a)
	}
	return req
}

// told is what two tellings of a story must agree on, to the second.
func told(entries []*hubv1.Entry, start, end time.Time) []string {
	kinds := map[string]bool{"triggered": true, "held": true, "quiet_ended": true, "level_entered": true, "level_passed_over": true, "catch_all": true, "stopped": true,
		"paged": true, "page_failed": true, "page_ended": true, "acknowledged": true, "shown": true}
	var out []string
	for _, e := range entries {
		if !kinds[e.Kind] || e.At.AsTime().After(end) {
			continue
		}
		out = append(out, fmt.Sprintf("+%ds %s %s %s level %d round %d", int(e.At.AsTime().Sub(start).Round(time.Second).Seconds()),
			e.Kind, e.UserId, e.Reason, e.Level, e.Round))
	}
	// Within a second the order is nobody's promise: two devices report at once.
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(second(a), second(b)), cmp.Compare(a, b)) })
	return out
}

func second(line string) (n int) {
	_, _ = fmt.Sscanf(line, "+%ds", &n)
	return n
}

func TestWhatIfAgreesToTheSecondWithWhatThenHappens(t *testing.T) {
	for seed := range uint64(whatIfStories) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := randomGuess(rand.New(rand.NewPCG(seed, 7)))
				v := startVirtual(t, g.yaml)
				defer v.close()
				for _, u := range guessUsers {
					if p := v.enrol(u, g.answers[u]); !g.offline[u] {
						p.join()
					}
				}
				time.Sleep(10 * time.Minute) // virtual: the quiet after the start is over
				for n := range g.before {
					v.send("trigger", fmt.Sprint(n), g.severity)
					v.send("resolve", fmt.Sprint(n), g.severity)
				}
				synctest.Wait()
				at := time.Now()
				foreseen, err := v.admin.Simulate(v.ctx, connect.NewRequest(g.ask(at)))
				if err != nil {
					t.Fatal(err)
				}
				entries := foreseen.Msg.Entries
				end := entries[len(entries)-1].At.AsTime()
				v.send("trigger", "k", g.severity)
				time.Sleep(end.Sub(at) + time.Second)
				synctest.Wait()
				compareStories(t, g, told(entries, at, end), told(v.timeline(uint64(g.before+1)), at, end.Add(time.Second)))
			})
		})
	}
}

func compareStories(t *testing.T, g guess, foreseen, happened []string) {
	t.Helper()
	for n := range max(len(foreseen), len(happened)) {
		var f, h string
		if n < len(foreseen) {
			f = foreseen[n]
		}
		if n < len(happened) {
			h = happened[n]
		}
		if f != h {
			t.Errorf("line %d\nforeseen: %s\nhappened: %s", n+1, f, h)
			if n > 0 {
				t.Logf("before it: %s", foreseen[n-1])
			}
			t.Logf("answers %v, offline %v\n%s", g.answers, g.offline, g.yaml)
			return
		}
	}
}
