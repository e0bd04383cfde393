package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var counted = regexp.MustCompile(`^(\d+) incidents are open for you`)

// TestStormsOfEveryKindKeepTheRulesOfBundles: incidents come and end in bursts,
// gateways fail in their ways and the hub is killed; still bundles are a minute
// apart, nothing that is open goes untold, and a bundle answers for what it
// counted.
func TestStormsOfEveryKindKeepTheRulesOfBundles(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			yaml := strings.Replace(onlyAda(adasTexts), "timeout: 5m", "timeout: 6h", 1)
			inBubble(t, yaml, func(r *reached) { r.stormy(t, rand.New(rand.NewPCG(seed, 4))) })
		})
	}
}

func (r *reached) stormy(t *testing.T, dice *rand.Rand) {
	open := map[string]bool{}
	next, starts := 0, []time.Time{time.Now()}
	for range 60 {
		switch dice.IntN(12) {
		case 0:
			for range dice.IntN(60) {
				r.storm(next, next+1)
				open[fmt.Sprint("storm-", next)] = true
				next++
			}
		case 1, 2, 3, 4:
			r.storm(next, next+1)
			open[fmt.Sprint("storm-", next)] = true
			next++
		case 5:
			for _, key := range slices.Sorted(maps.Keys(open)) { // in the same order, or a seed is not the same story again
				if dice.IntN(3) == 0 {
					r.send("resolve", key, "critical")
					delete(open, key)
				}
			}
		case 6:
			r.set("phone-one", []int{0, 503, 503, 429}[dice.IntN(4)])
			r.set("phone-two", []int{0, 503, 500, 0}[dice.IntN(4)])
		case 7:
			r.set("phone-one", 0)
		case 8:
			if dice.IntN(3) == 0 {
				r.close()
				time.Sleep(time.Duration(dice.IntN(400)) * time.Second)
				r.start(r.outside.t)
				starts = append(starts, time.Now())
			}
		}
		time.Sleep(time.Duration(dice.IntN(20000)) * time.Millisecond)
	}
	r.set("phone-one", 0)
	r.set("phone-two", 0)
	time.Sleep(5 * time.Minute) // waits of a message grow to two minutes
	r.bundlesAreAMinuteApart(t, starts)
	r.nothingOpenIsUntold(t)
	r.storm(next, next+15)
	time.Sleep(2 * time.Minute)
	r.aBundleAnswersForWhatItCounted(t, next+15)
}

func (r *reached) bundlesAreAMinuteApart(t *testing.T, starts []time.Time) {
	var last time.Time
	for _, text := range r.took(&r.calls) {
		if !counted.MatchString(text.body) {
			continue
		}
		for _, s := range starts {
			if s.After(last) && s.Before(text.at) {
				last = time.Time{} // what a hub knew that was killed
			}
		}
		if gap := text.at.Sub(last); gap < time.Minute {
			t.Errorf("two bundles came %s apart", gap)
		}
		last = text.at
	}
}

func (r *reached) nothingOpenIsUntold(t *testing.T) {
	for _, i := range r.incidents() {
		if i.Status != "triggered" {
			continue
		}
		told := false
		for _, e := range r.timeline(i.Number) {
			told = told || e.Kind == "method_accepted"
		}
		if !told {
			t.Errorf("nothing told of incident %d", i.Number)
		}
	}
}

func (r *reached) aBundleAnswersForWhatItCounted(t *testing.T, next int) {
	texts := r.took(&r.calls)
	last := texts[len(texts)-1]
	found := counted.FindStringSubmatch(last.body)
	if found == nil {
		t.Fatalf("the last message is no bundle: %s", last.body)
	}
	r.storm(next, next+1)
	before := len(r.incidents())
	_, said := r.press("http://hub/a/" + last.body[strings.LastIndex(last.body, "/")+1:])
	if want := found[1] + " of " + found[1] + " incidents acknowledged"; !strings.Contains(said, want) {
		t.Errorf("%q is not said: %s", want, said)
	}
	if n := r.acknowledgedBy("ada"); fmt.Sprint(n) != found[1] || n != before-1 {
		t.Errorf("%d of %d are acknowledged, and the bundle counted %s", n, before, found[1])
	}
}
