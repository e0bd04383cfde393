package schedule

import (
	"archive/zip"
	"go/build"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"
)

var zoneDatabase = sync.OnceValues(func() ([]*time.Location, error) {
	archive, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	var zones []*time.Location
	seen := map[string]bool{}
	for _, file := range archive.File {
		if file.FileInfo().IsDir() {
			continue
		}
		content, err := file.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(content)
		if err != nil {
			return nil, err
		}
		if seen[string(data)] {
			continue
		}
		seen[string(data)] = true
		zone, err := time.LoadLocationFromTZData(file.Name, data)
		if err != nil {
			return nil, err
		}
		zones = append(zones, zone)
	}
	return zones, nil
})

// Zones returns every zone of Go's zone database; of several names for the same
// zone only the first.
func Zones(t testing.TB) []*time.Location {
	t.Helper()
	zones, err := zoneDatabase()
	if err != nil {
		t.Fatal("the zone database that comes with Go is needed: ", err)
	}
	return zones
}

// ZoneBounds errs in places; periods are built on it and must not.
func TestPeriodsHoldWhatTheZoneDatabaseSaysInEveryZone(t *testing.T) {
	first := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	last := time.Date(2045, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	for _, zone := range Zones(t) {
		offsetAt := func(sec int64) int64 {
			_, offset := time.Unix(sec, 0).In(zone).Zone()
			return int64(offset)
		}
		for sec := first; sec < last; {
			p := periodAt(zone, sec)
			if sec < p.start || p.end <= sec {
				t.Fatalf("%s: the period around %d is [%d, %d)", zone, sec, p.start, p.end)
			}
			start, end := max(p.start, first), min(p.end, last)
			for at := start; at < end; at += 9*day + 5*hour {
				if got := offsetAt(at); got != p.offset {
					t.Fatalf("%s: offset %d at %s, but the period says %d", zone, got, time.Unix(at, 0).UTC(), p.offset)
				}
			}
			if offsetAt(start) != p.offset || offsetAt(end-1) != p.offset {
				t.Fatalf("%s: the edges of the period around %s lie outside of it", zone, time.Unix(sec, 0).UTC())
			}
			sec = p.end
		}
	}
}

func TestPeriodsAreWholeOnTheLastDayOfALeapYear(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{
		time.Date(2028, 12, 31, 0, 0, 0, 0, time.UTC),
		time.Date(2028, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Date(2096, 12, 31, 12, 0, 0, 0, time.UTC),
	} {
		p := periodAt(zone, at.Unix())
		if p.start > at.Unix() || p.end <= at.Unix() || p.offset != -5*hour {
			t.Errorf("%s: %+v", at, p)
		}
	}
}

// A change that the zone's yearly rule does not know ends the period before it.
func TestPeriodsDoNotReachBackOverTheLastListedChange(t *testing.T) {
	zone, err := time.LoadLocation("America/Ciudad_Juarez")
	if err != nil {
		t.Fatal(err)
	}
	changed := time.Date(2022, 11, 30, 6, 0, 0, 0, time.UTC).Unix()
	if p := periodAt(zone, changed+day); p.start != changed {
		t.Errorf("the period starts at %s", time.Unix(p.start, 0).UTC())
	}
}
