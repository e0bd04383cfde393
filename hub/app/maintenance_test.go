package app

import (
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

func (h *running) maintenance() hubv1connect.MaintenanceServiceClient {
	return hubv1connect.NewMaintenanceServiceClient(h.local, "http://hub")
}

// first tells who was paged first for an incident, and when.
func (h *running) first(number uint64) string {
	h.Helper()
	who, _, _ := strings.Cut(h.paged(number), ",")
	return who
}

// maintain keeps the shop quiet from now on, for a time.
func (h *running) maintain(d time.Duration) *hubv1.AddMaintenanceResponse {
	h.Helper()
	res, err := h.maintenance().AddMaintenance(h.Context(), connect.NewRequest(&hubv1.AddMaintenanceRequest{
		ServiceIds: []string{"shop"}, ForMs: d.Milliseconds(), Note: "upgrade",
	}))
	if err != nil {
		h.Fatal(err)
	}
	return res.Msg
}

func TestWhatTriggersDuringMaintenancePagesAtItsEndAsOneBundle(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		h.maintain(time.Hour)
		h.trigger("disk")
		h.sleep(10 * time.Minute)
		h.trigger("network")
		h.trigger("swap")
		h.resolve("swap")
		i := h.incident(1)
		h.is("what is open", len(i.Alerts), 3)
		h.is("why it is quiet", i.QuietReason, "maintenance")
		h.sleep(49 * time.Minute)
		h.is("during it", h.paged(1), "")
		h.sleep(2 * time.Minute)
		h.is("after it", h.first(1), "ada 1h0m0s triggered")
		res, err := h.admin.ListIncidents(h.Context(), connect.NewRequest(&hubv1.ListIncidentsRequest{All: true}))
		if err != nil || len(res.Msg.Incidents) != 1 {
			h.Errorf("one bundle: %v %v", res, err)
		}
	})
}

func TestWhatResolvesDuringMaintenanceNeverPages(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		h.maintain(time.Hour)
		h.trigger("disk")
		h.sleep(time.Minute)
		h.resolve("disk")
		h.sleep(2 * time.Hour)
		h.is("paged", h.paged(1), "")
		h.is("status", h.incident(1).Status, "resolved")
	})
}

func TestWhatIsOpenWhenAMaintenanceIsEnteredGoesOnAndIsNamed(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		h.trigger("disk")
		h.sleep(time.Minute)
		if res := h.maintain(time.Hour); len(res.OpenIncidents) != 1 || res.OpenIncidents[0] != 1 {
			h.Errorf("%v", res.OpenIncidents)
		}
		h.sleep(10 * time.Minute)
		h.is("paged", strings.HasPrefix(h.paged(1), "ada 0s triggered, bob"), true)
	})
}

func TestAMaintenanceThatIsEndedSoonerPagesWhatIsOpenThen(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		m := h.maintain(time.Hour).Maintenance
		h.trigger("disk")
		h.sleep(10 * time.Minute)
		if _, err := h.maintenance().EndMaintenance(h.Context(), connect.NewRequest(&hubv1.EndMaintenanceRequest{Id: m.Id})); err != nil {
			h.Fatal(err)
		}
		h.sleep(time.Second)
		h.is("paged", h.first(1), "ada 10m0s triggered")
		h.trigger("network")
		h.settle()
		h.is("a new one", h.first(2), "ada 0s triggered")
	})
}

func TestAMaintenanceOfTheFileHoldsAndAFileThatTakesItAwayEndsIt(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		now := time.Now().UTC()
		planned := func(until time.Duration) string {
			return setUp + "maintenance_windows:\n  - {id: upgrade, services: [shop], start: \"" + now.Format("2006-01-02T15:04:05Z") + "\", end: \"" +
				now.Add(until).Format("2006-01-02T15:04:05Z") + "\"}\n"
		}
		h.apply(planned(time.Hour))
		h.trigger("disk")
		h.sleep(10 * time.Minute)
		h.apply(planned(30 * time.Minute))
		h.sleep(19 * time.Minute)
		h.is("before the new end", h.paged(1), "")
		h.sleep(2 * time.Minute)
		h.is("after it", h.first(1), "ada 30m0s triggered")
	})
}

func TestAMaintenanceSurvivesARestartAndNoFileRemovesIt(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		h.maintain(time.Hour)
		h.apply("owns: all\n" + setUp)
		h.trigger("disk")
		h.restart(20 * time.Minute) // the end is a time of day: it comes no later
		h.sleep(39 * time.Minute)
		h.is("before its end", h.paged(1), "")
		h.sleep(2 * time.Minute)
		h.is("after it", h.first(1), "ada 1h0m0s triggered")
	})
}

func TestAMaintenanceThatCannotBeIsRefusedByName(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		now := time.Now()
		for want, req := range map[string]*hubv1.AddMaintenanceRequest{
			`there is no service "shap"; did you mean "shop"?`:        {ServiceIds: []string{"shap"}, ForMs: 1000},
			"--for, --until: say by exactly one of them":              {ServiceIds: []string{"shop"}},
			"SERVICE: name at least one":                              {ForMs: 1000},
			"--until: the maintenance would be over already":          {ServiceIds: []string{"shop"}, Start: timestamppb.New(now.Add(-time.Hour)), ForMs: 1000},
			"--for, --until: longer than 30d":                         {ServiceIds: []string{"shop"}, ForMs: (31 * 24 * time.Hour).Milliseconds()},
			"--note: expected a line of text, at most 200 characters": {ServiceIds: []string{"shop"}, ForMs: 1000, Note: "a\nb"},
		} {
			_, err := h.maintenance().AddMaintenance(h.Context(), connect.NewRequest(req))
			if err == nil || !strings.Contains(err.Error(), want) {
				h.Errorf("got %v, want %s", err, want)
			}
		}
		if _, err := h.maintenance().EndMaintenance(h.Context(), connect.NewRequest(&hubv1.EndMaintenanceRequest{Id: "m-1"})); err == nil ||
			!strings.Contains(err.Error(), `there is no maintenance "m-1"`) {
			h.Error(err)
		}
	})
}

func TestLowUrgencyWaitsForSupportHoursAndWhatIsHighWithinThemIsLowOutside(t *testing.T) {
	// Bubbles begin at midnight, on a Saturday.
	hours := "\n    support_hours: {time_zone: UTC, days: [sat], from: \"01:00\", to: \"05:00\"}\n    integrations"
	inBubble(t, strings.Replace(setUp, "\n    integrations", "\n    urgency: support_hours"+hours, 1), func(h *running) {
		h.trigger("disk")
		h.settle()
		i := h.incident(1)
		h.is("at night", i.Urgency+" "+i.QuietReason, "low support_hours")
		h.is("until", i.QuietUntil.AsTime().Format(time.RFC3339), "2000-01-01T01:00:00Z")
		h.sleep(time.Until(i.QuietUntil.AsTime()) - time.Second)
		h.is("before they begin", h.paged(1), "")
		h.sleep(2 * time.Second)
		h.is("when they begin", strings.Contains(h.paged(1), "ada"), true)
		h.is("it stays low", h.incident(1).Urgency, "low")
		h.sleep(time.Hour)
		h.is("and goes no further", strings.Contains(h.paged(1), "bob"), false)
		h.trigger("network")
		h.settle()
		h.is("within them", h.incident(2).Urgency, "high")
	})
}
