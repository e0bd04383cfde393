package e2e

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// simSeeds keeps the seeds of histories that once broke a promise. They are
// played first.
const simSeeds = "testdata/sim_seeds.txt"

// simHistories is how many histories to play: SIM_HISTORIES, or a number that
// takes a few seconds.
func simHistories(t *testing.T, usual int) int {
	text := os.Getenv("SIM_HISTORIES")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("SIM_HISTORIES is %q, expected a number of histories", text)
	}
	return n
}

func keptSeeds(t *testing.T) []uint64 {
	f, err := os.Open(simSeeds)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var seeds []uint64
	for lines := bufio.NewScanner(f); lines.Scan(); {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", simSeeds, err)
		}
		seeds = append(seeds, seed)
	}
	return seeds
}

// TestSimulation plays random histories and holds each to the promises. SIM_SEED
// plays one and prints its steps.
func TestSimulation(t *testing.T) {
	if text := os.Getenv("SIM_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := playHistory(seed, realCore(), func(line string) { fmt.Println(line) }); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, seed := range keptSeeds(t) {
		if _, err := playHistory(seed, realCore(), nil); err != nil {
			t.Errorf("%v\n%s", err, traceOf(seed, realCore()))
		}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // many small histories, little to keep
	n := simHistories(t, 2000)
	first := uint64(time.Now().UnixNano())
	if os.Getenv("SIM_HISTORIES") == "" {
		first = 1 // the same ones each time, where others wait for the result
	}
	began := time.Now()
	total, broken := playMany(first, n, realCore(), 1)
	took := time.Since(began)
	t.Logf("%d histories from seed %d: %.0f a second; %.0f decisions a second; %d pages, %d alarms, %d messages, %d deaths of the hub",
		n, first, float64(n)/took.Seconds(), float64(total.decisions)/took.Seconds(), total.pages, total.announced, total.messages, total.crashes)
	for _, b := range broken {
		t.Errorf("%v (add %d to %s)\n%s", b.err, b.seed, simSeeds, traceOf(b.seed, realCore()))
	}
}

type simBroken struct {
	seed uint64
	err  error
}

// playMany plays histories on all processors until enough of them broke.
func playMany(first uint64, n int, core simCore, enough int) (total simStats, broken []simBroken) {
	var mu sync.Mutex
	var next atomic.Int64
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for !stop.Load() {
				k := next.Add(1) - 1
				if k >= int64(n) {
					return
				}
				seed := first + uint64(k)
				stats, err := playHistory(seed, core, nil)
				mu.Lock()
				total.add(stats)
				if err != nil {
					broken = append(broken, simBroken{seed, err})
					stop.Store(len(broken) >= enough)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return total, broken
}

func (s *simStats) add(o simStats) {
	s.decisions += o.decisions
	s.pages += o.pages
	s.events += o.events
	s.crashes += o.crashes
	s.announced += o.announced
	s.messages += o.messages
}
