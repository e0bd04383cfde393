package pager

import (
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"tocsin/hub/responder"
)

// site opens so many streams, and counts the outages that are told.
func site(devices int) (p *Pager, streams []*Stream, told *[]int) {
	told = new([]int)
	p = New(nobody, func(n int) { *told = append(*told, n) }, slog.New(slog.DiscardHandler))
	for n := range devices {
		id := fmt.Sprintf("d%d", n)
		streams = append(streams, p.Open(responder.Device{ID: responder.DeviceID(id), User: responder.UserID("u" + id)}, time.Now()))
	}
	return p, streams, told
}

func outages(t *testing.T, test func(t *testing.T, p *Pager, streams []*Stream, told *[]int)) {
	synctest.Test(t, func(t *testing.T) {
		p, streams, told := site(6)
		defer p.CloseAll()
		test(t, p, streams, told)
		time.Sleep(30 * time.Second)
		synctest.Wait()
	})
}

func TestMostDevicesThatDropWithinAMinuteAreAnOutageOfTheSite(t *testing.T) {
	outages(t, func(t *testing.T, p *Pager, streams []*Stream, told *[]int) {
		for _, s := range streams[:3] {
			s.Close()
			time.Sleep(20 * time.Second)
		}
		synctest.Wait()
		if len(*told) != 1 || (*told)[0] != 3 {
			t.Fatalf("told of %v", *told)
		}
		if left := time.Until(p.OutageUntil()); left != 10*time.Minute-10*time.Second {
			t.Fatalf("nothing is skipped for %s", left)
		}
		gone := p.Links([]responder.Device{streams[0].Device}, time.Now())[0].GoneAt
		if gone.After(time.Now()) {
			t.Fatalf("a device of the outage counts as gone at %s only", gone)
		}
	})
}

func TestAnOutageIsToldOnce(t *testing.T) {
	outages(t, func(t *testing.T, p *Pager, streams []*Stream, told *[]int) {
		for _, s := range streams {
			s.Close()
			time.Sleep(11 * time.Second)
		}
		synctest.Wait()
		if len(*told) != 1 {
			t.Fatalf("told of %v", *told)
		}
	})
}

func TestWhatIsNoOutage(t *testing.T) {
	for what, drop := range map[string]func(p *Pager, streams []*Stream){
		"two devices": func(_ *Pager, streams []*Stream) {
			streams[4].Close()
			streams[5].Close()
		},
		"slowly, one after the other": func(_ *Pager, streams []*Stream) {
			for _, s := range streams[:4] {
				s.Close()
				time.Sleep(31 * time.Second)
			}
		},
		"with goodbye": func(p *Pager, streams []*Stream) {
			for _, s := range streams[:4] {
				p.Goodbye(s.Device.ID)
				s.Close()
			}
		},
		"back within ten seconds": func(p *Pager, streams []*Stream) {
			for _, s := range streams[:4] {
				s.Close()
			}
			time.Sleep(9 * time.Second)
			p.Open(streams[0].Device, time.Now())
			p.Open(streams[1].Device, time.Now())
		},
		"the hub's own stop": func(p *Pager, streams []*Stream) {
			p.CloseAll()
			for _, s := range streams {
				s.Close()
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			outages(t, func(t *testing.T, p *Pager, streams []*Stream, told *[]int) {
				drop(p, streams)
				time.Sleep(11 * time.Second)
				synctest.Wait()
				if len(*told) != 0 || !p.OutageUntil().IsZero() {
					t.Fatalf("told of %v, until %s", *told, p.OutageUntil())
				}
			})
		})
	}
}

func TestADeviceThatComesAndGoesDoesNotHideAnOutage(t *testing.T) {
	outages(t, func(t *testing.T, p *Pager, streams []*Stream, told *[]int) {
		for _, s := range streams[:3] {
			s.Close()
		}
		for range 10 {
			streams[5].Close()
			time.Sleep(4 * time.Second)
			streams[5] = p.Open(streams[5].Device, time.Now())
			time.Sleep(4 * time.Second)
		}
		synctest.Wait()
		if len(*told) != 1 {
			t.Fatalf("told of %v", *told)
		}
	})
}
