package organisation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/schedule"
)

var six = time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC)

func hour(h int) time.Time { return six.Add(time.Duration(h-6) * time.Hour) }

func window(from, to int, services ...incident.ServiceID) Window {
	return Window{Services: services, Start: hour(from), End: hour(to)}
}

func TestWindowsThatOverlapOrMeetAreOneMaintenance(t *testing.T) {
	o := New(Set{Windows: []Window{
		window(20, 21, "shop"), window(12, 14, "shop", "web"), window(10, 11, "shop"), window(13, 15, "shop"), window(15, 16, "shop"),
		window(12, 13, "shop"), window(9, 23, "other"), window(18, 18, "shop"),
	}})
	for _, c := range []struct {
		service    incident.ServiceID
		at         int
		began, end int
	}{
		{"shop", 9, 0, 0}, {"shop", 10, 10, 11}, {"shop", 11, 0, 0}, {"shop", 12, 12, 16}, {"shop", 14, 12, 16}, {"shop", 15, 12, 16},
		{"shop", 16, 0, 0}, {"shop", 18, 0, 0}, {"shop", 20, 20, 21}, {"shop", 21, 0, 0}, {"web", 13, 12, 14}, {"web", 14, 0, 0}, {"none", 13, 0, 0},
	} {
		got := o.Times(c.service, hour(c.at))
		want := incident.Times{}
		if c.end != 0 {
			want = incident.Times{Began: hour(c.began), Maintenance: hour(c.end)}
		}
		if got != want {
			t.Errorf("%s at %d: %v to %v", c.service, c.at, got.Began, got.Maintenance)
		}
	}
}

func TestOutsideOfSupportHoursTheCalendarSaysWhenTheyBegin(t *testing.T) {
	office := schedule.Hours{Restrictions: []schedule.Restriction{{From: 9 * 3600, To: 17 * 3600, Days: []time.Weekday{time.Monday}}}}
	o := New(Set{SupportHours: map[incident.ServiceID]schedule.Hours{"shop": office}})
	for at, want := range map[int]time.Time{8: hour(9), 9: {}, 16: {}, 17: hour(9 + 7*24)} {
		if got := o.Times("shop", hour(at)).Support; !got.Equal(want) {
			t.Errorf("at %d: %s", at, got)
		}
	}
	if got := o.Times("web", hour(8)).Support; !got.IsZero() {
		t.Errorf("a service without support hours: %s", got)
	}
}
