package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

var (
	instants = rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMilli(rapid.Int64Range(1, 4e12).Draw(t, "ms")).UTC()
	})
	maybe   = rapid.OneOf(rapid.Just(time.Time{}), instants)
	texts   = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "\x00", "'; DROP TABLE incidents; --", "$1 ?2 :3", "naïve ☂ \u202e", strings.Repeat("x", 500)}))
	users   = rapid.SampledFrom([]responder.UserID{"ada", "bob", "eve", "kim"})
	methods = rapid.SampledFrom([]responder.MethodID{"devices", "phone", "call", "mail"})
)

func records(id incident.ID) *rapid.Generator[store.Record] {
	return rapid.Custom(func(t *rapid.T) store.Record {
		return store.Record{Incident: someIncident(t, id), Course: someCourse(t), Pages: somePages(t), WakeAt: maybe.Draw(t, "wake")}
	})
}

func someIncident(t *rapid.T, id incident.ID) incident.Incident {
	i := incident.Incident{
		ID: id, Service: incident.ServiceID(texts.Draw(t, "service")),
		Status:   rapid.SampledFrom([]incident.Status{incident.Triggered, incident.Acknowledged, incident.Resolved}).Draw(t, "status"),
		Urgency:  rapid.SampledFrom([]incident.Urgency{incident.High, incident.Low}).Draw(t, "urgency"),
		Severity: rapid.SampledFrom(incident.Severities).Draw(t, "severity"),
		Summary:  texts.Draw(t, "summary"), Source: texts.Draw(t, "source"), Test: rapid.Bool().Draw(t, "test"),
		Policy: texts.Draw(t, "policy"), Revision: rapid.Uint64Max(1<<40).Draw(t, "revision"), Turn: rapid.IntRange(0, 99).Draw(t, "turn"), Opening: rapid.IntRange(0, 9).Draw(t, "opening"),
		MergedInto: incident.ID(texts.Draw(t, "merged into")), Priority: texts.Draw(t, "priority"), Group: texts.Draw(t, "group"),
		Reopenings: rapid.SliceOfN(instants, 1, 3).Draw(t, "reopenings"), ResolveDue: instants.Draw(t, "resolve due"),
		Cover: incident.Cover{
			Of: users.Draw(t, "cover of"), To: users.Draw(t, "cover to"), Start: instants.Draw(t, "cover start"), End: instants.Draw(t, "cover end"),
			Until: instants.Draw(t, "cover until"), Schedules: []string{texts.Draw(t, "cover schedule")},
			Levels: []incident.CoverLevel{{Users: []responder.UserID{users.Draw(t, "cover asks")}, Timeout: time.Minute}},
		},
		TriggeredAt: instants.Draw(t, "triggered"), FirstAt: instants.Draw(t, "first"), Holder: users.Draw(t, "holder"),
		AcknowledgedAt: maybe.Draw(t, "acknowledged"), QuietUntil: maybe.Draw(t, "quiet"), QuietReason: incident.Reason(texts.Draw(t, "why quiet")),
		ResolvedAt: maybe.Draw(t, "resolved"),
	}
	for n := range rapid.IntRange(0, 3).Draw(t, "details") {
		i.Details = append(i.Details, incident.Detail{Name: fmt.Sprint(n), Value: texts.Draw(t, "detail")})
		i.Links = append(i.Links, incident.Link{Href: texts.Draw(t, "href"), Text: texts.Draw(t, "text")})
	}
	at := instants.Draw(t, "first alert")
	for n := range rapid.IntRange(0, 4).Draw(t, "alerts") {
		at = at.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "later")) * time.Millisecond)
		i.Alerts = append(i.Alerts, incident.Alert{
			Integration: incident.IntegrationID(fmt.Sprint("source-", n)), Key: texts.Draw(t, "key"), Open: rapid.Bool().Draw(t, "open"),
			Count: rapid.Int().Draw(t, "count"), Severity: incident.Critical, FirstAt: at, LastAt: instants.Draw(t, "last"), EndedAt: maybe.Draw(t, "ended"), SilentAt: maybe.Draw(t, "silent"),
		})
	}
	return i
}

func someCourse(t *rapid.T) escalation.Course {
	c := escalation.Course{
		Stage: rapid.SampledFrom([]escalation.Stage{escalation.None, escalation.AtLevel, escalation.Stopped}).Draw(t, "stage"),
		Pass:  rapid.IntRange(0, 3).Draw(t, "pass"), Round: rapid.IntRange(0, 9).Draw(t, "round"), Level: rapid.IntRange(0, 9).Draw(t, "level"),
		Entered: maybe.Draw(t, "entered"), Due: maybe.Draw(t, "due"), Wave: rapid.IntRange(0, 99).Draw(t, "wave"), Low: rapid.Bool().Draw(t, "low"),
	}
	for range rapid.IntRange(0, 2).Draw(t, "left out") {
		c.LeftOut = append(c.LeftOut, users.Draw(t, "who"))
		c.LeftOutOf = 1
		c.Sent = append(c.Sent, escalation.Sent{User: users.Draw(t, "to"), Method: methods.Draw(t, "by"), At: instants.Draw(t, "sent")})
	}
	return c
}

func somePages(t *rapid.T) []escalation.Page {
	var pages []escalation.Page
	for wave := range rapid.IntRange(0, 3).Draw(t, "waves") {
		paged := rapid.SliceOfNDistinct(users, 0, 3, rapid.ID).Draw(t, "paged")
		slices.Sort(paged)
		for _, u := range paged {
			pages = append(pages, somePage(t, escalation.Key{Wave: wave + 1, User: u}))
		}
	}
	return pages
}

func somePage(t *rapid.T, k escalation.Key) escalation.Page {
	p := escalation.Page{
		Key: k, Opening: rapid.IntRange(0, 9).Draw(t, "opening"), Stage: escalation.AtLevel, Pass: rapid.IntRange(0, 3).Draw(t, "pass"),
		Level: rapid.IntRange(0, 9).Draw(t, "level"), Round: rapid.IntRange(0, 9).Draw(t, "round"), Reason: incident.Reason(texts.Draw(t, "reason")),
		Low: rapid.Bool().Draw(t, "low"), At: instants.Draw(t, "at"), Failed: maybe.Draw(t, "failed"), PassedOn: rapid.Bool().Draw(t, "passed on"),
		HandedOff: rapid.Bool().Draw(t, "handed off"), Ended: maybe.Draw(t, "ended"), Outcome: escalation.OutcomeTaken, EndedBy: users.Draw(t, "by"),
	}
	for _, m := range rapid.SliceOfNDistinct(methods, 0, 3, rapid.ID).Draw(t, "methods") {
		use := escalation.Use{Method: m, At: instants.Draw(t, "used"), Answered: maybe.Draw(t, "answered"), Accepted: rapid.Bool().Draw(t, "accepted")}
		for n := range rapid.IntRange(0, 2).Draw(t, "proofs") {
			use.Proofs = append(use.Proofs, escalation.Proof{
				Device: responder.DeviceID(fmt.Sprint(n)), Alive: maybe.Draw(t, "alive"), Failed: maybe.Draw(t, "dead"),
			})
		}
		p.Uses = append(p.Uses, use)
	}
	return p
}

// shown is what Load answers of a record: pages that ended in an earlier pass
// are left out.
func shown(r store.Record) store.Record {
	var pages []escalation.Page
	for _, p := range r.Pages {
		if p.Open() || p.Pass >= r.Course.Pass {
			pages = append(pages, p)
		}
	}
	r.Pages = pages
	return r
}

// drawn runs a property with ids that do not repeat.
func drawn(t *testing.T, property func(t *rapid.T, id incident.ID)) {
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		property(t, incident.ID(fmt.Sprintf("drawn-%06d", n)))
	})
}
