package schedule_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// drawn is a random schedule with much happening around a time, and a span of a
// few days around it.
type drawn struct {
	*schedule.Schedule
	from, to time.Time
}

func draw(t *rapid.T, zones []*time.Location) drawn {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	zone := zones[r.IntN(len(zones))]
	around := randomChange(r, zone)
	s := randomSchedule(r, zone, around)
	from := around.Add(-time.Duration(rapid.Int64Range(0, int64(5*24*time.Hour)).Draw(t, "before")))
	to := from.Add(time.Duration(rapid.Int64Range(1, int64(12*24*time.Hour)).Draw(t, "span")))
	return drawn{s, from, to}
}

// instant draws a time within the span.
func (d drawn) instant(t *rapid.T) time.Time {
	return d.from.Add(time.Duration(rapid.Int64Range(0, int64(d.to.Sub(d.from))-1).Draw(t, "at")))
}

// tiles returns shifts and gaps of a span in order of time.
func (d drawn) tiles(from, to time.Time) []schedule.Shift {
	tiles := append(d.Shifts(from, to), d.Gaps(from, to)...)
	slices.SortStableFunc(tiles, func(a, b schedule.Shift) int { return a.Start.Compare(b.Start) })
	return tiles
}

func property(t *testing.T, check func(*rapid.T, drawn)) {
	zones := schedule.Zones(t)
	rapid.Check(t, func(t *rapid.T) { check(t, draw(t, zones)) })
}

func TestShiftsAndGapsTileAnySpanWithoutOverlap(t *testing.T) {
	property(t, func(t *rapid.T, d drawn) {
		at := d.from
		for i, tile := range d.tiles(d.from, d.to) {
			if !tile.Start.Equal(at) || !tile.End.After(tile.Start) {
				t.Fatalf("tile %d is %s to %s, expected to start at %s", i, tile.Start, tile.End, at)
			}
			if (tile.User == "") != (tile.Source == schedule.Source{}) {
				t.Fatalf("%q by %+v", tile.User, tile.Source)
			}
			at = tile.End
		}
		if !at.Equal(d.to) {
			t.Fatalf("the last tile ends at %s, not at %s", at, d.to)
		}
	})
}

func TestNeighbouringTilesDiffer(t *testing.T) {
	property(t, func(t *rapid.T, d drawn) {
		tiles := d.tiles(d.from, d.to)
		for i := range len(tiles) - 1 {
			if sameDuty(tiles[i], tiles[i+1]) {
				t.Fatalf("%+v and %+v are one", tiles[i], tiles[i+1])
			}
		}
	})
}

func TestAtAgreesWithShifts(t *testing.T) {
	property(t, func(t *rapid.T, d drawn) {
		for _, tile := range d.tiles(d.from, d.to) {
			for _, at := range []time.Time{tile.Start, tile.Start.Add(tile.End.Sub(tile.Start) / 2), tile.End.Add(-1)} {
				if user, source := d.At(at); user != tile.User || source != tile.Source {
					t.Fatalf("at %s: %q by %v, but the shift says %q by %v", at, user, source, tile.User, tile.Source)
				}
			}
		}
	})
}

func TestOnCallAndUntilAgreeWithShifts(t *testing.T) {
	property(t, func(t *rapid.T, d drawn) {
		at := d.instant(t)
		tiles := d.tiles(d.from, d.to)
		i := slices.IndexFunc(tiles, func(f schedule.Shift) bool { return !at.Before(f.Start) && at.Before(f.End) })
		got := d.OnCall(at)
		if !sameDuty(got, tiles[i]) {
			t.Fatalf("at %s: %+v, but the shift is %+v", at, got, tiles[i])
		}
		if i > 0 && !got.Start.Equal(tiles[i].Start) || i < len(tiles)-1 && !got.End.Equal(tiles[i].End) {
			t.Fatalf("at %s: from %s to %s, but the shift is from %s to %s", at, got.Start, got.End, tiles[i].Start, tiles[i].End)
		}
		next := i
		for next < len(tiles) && tiles[next].User == tiles[i].User {
			next++
		}
		if until := d.Until(at); next < len(tiles) && !until.Equal(tiles[next].Start) {
			t.Fatalf("at %s: until %s, but the next user starts at %s", at, until, tiles[next].Start)
		}
	})
}

func TestUntilIsTheFirstChangeOfAt(t *testing.T) {
	property(t, func(t *rapid.T, d drawn) {
		at := d.instant(t)
		until := d.Until(at)
		if until.IsZero() {
			return
		}
		user, _ := d.At(at)
		before, _ := d.At(until.Add(-1))
		after, _ := d.At(until)
		if !until.After(at) || before != user || after == user {
			t.Fatalf("at %s: %q until %s, but just before it is %q and then %q", at, user, until, before, after)
		}
	})
}

func TestSplittingASpanChangesNothing(t *testing.T) {
	property(t, func(t *rapid.T, d drawn) {
		whole, at := d.tiles(d.from, d.to), d.instant(t)
		parts, second := d.tiles(d.from, at), d.tiles(at, d.to)
		if n := len(parts); n > 0 && len(second) > 0 && sameDuty(parts[n-1], second[0]) {
			parts[n-1].End = second[0].End
			second = second[1:]
		}
		parts = append(parts, second...)
		if !slices.EqualFunc(whole, parts, sameShift) {
			t.Fatalf("split at %s: %+v, whole: %+v", at, parts, whole)
		}
	})
}

// Over a full cycle every participant has the same wall-clock time on call, so
// what the shares differ by is what the clocks were changed by.
func TestARotationIsFairOverAFullCycle(t *testing.T) {
	zones := schedule.Zones(t)
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		count := rapid.IntRange(1, len(people)).Draw(t, "participants")
		start := schedule.Civil{
			Year: rapid.IntRange(1975, 2037).Draw(t, "year"), Month: time.Month(rapid.IntRange(1, 12).Draw(t, "month")),
			Day: rapid.IntRange(1, 28).Draw(t, "day"), Hour: rapid.IntRange(0, 23).Draw(t, "hour"),
		}
		kind := rapid.SampledFrom([]schedule.Kind{schedule.Hourly, schedule.Daily, schedule.Weekly}).Draw(t, "kind")
		unit := map[schedule.Kind]int{schedule.Hourly: 1, schedule.Daily: 24, schedule.Weekly: 7 * 24}[kind]
		length := rapid.IntRange(1, 12).Draw(t, "length")
		s := &schedule.Schedule{ID: "fair", Zone: zone, Layers: []schedule.Layer{{
			Name: "fair", Rotation: schedule.Rotation{Kind: kind, Length: length, Start: start}, Participants: people[:count],
		}}}
		end := start
		end.Hour += unit * length * count
		shares := map[responder.UserID]time.Duration{}
		for _, shift := range s.Shifts(start.In(zone), end.In(zone)) {
			shares[shift.User] += shift.End.Sub(shift.Start)
		}
		fair, changed := time.Duration(unit*length)*time.Hour, changes(zone, start.In(zone), end.In(zone))
		for _, user := range people[:count] {
			if off := (shares[user] - fair).Abs(); off > changed {
				t.Fatalf("%s has %s of %s, though the clocks changed by only %s", user, shares[user], fair, changed)
			}
		}
	})
}

// changes adds up by how much the clocks in the zone are changed in a span.
func changes(zone *time.Location, from, to time.Time) (sum time.Duration) {
	_, offset := from.In(zone).Zone()
	for t := from; t.Before(to); {
		t = t.Add(time.Hour)
		if t.After(to) {
			t = to
		}
		_, now := t.In(zone).Zone()
		sum += (time.Duration(now-offset) * time.Second).Abs()
		offset = now
	}
	return sum
}

func sameDuty(a, b schedule.Shift) bool { return a.User == b.User && a.Source == b.Source }

func sameShift(a, b schedule.Shift) bool {
	return a.Start.Equal(b.Start) && a.End.Equal(b.End) && sameDuty(a, b)
}
