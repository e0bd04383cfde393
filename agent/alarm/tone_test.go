package alarm

import (
	"math"
	"testing"
)

// level is the root mean square of some seconds of the alarm.
func level(from, seconds float64, t Tone) float64 {
	out := make([]int16, int(seconds*rate))
	fill(out, int64(from*rate), t)
	return rms(out)
}

func rms(samples []int16) float64 {
	var sum float64
	for _, v := range samples {
		f := float64(v) / math.MaxInt16
		sum += f * f
	}
	return math.Sqrt(sum / float64(max(len(samples), 1)))
}

// tonal is the share of the signal's power at a frequency (Goertzel).
func tonal(samples []int16, hz float64) float64 {
	c := 2 * math.Cos(2*math.Pi*hz/rate)
	var s1, s2, power float64
	for _, v := range samples {
		f := float64(v) / math.MaxInt16
		s1, s2 = f+c*s1-s2, s1
		power += f * f
	}
	return (s1*s1 + s2*s2 - c*s1*s2) / (power * float64(len(samples)) / 2)
}

func TestAlarmRisesForTwoMinutesAndThenStays(t *testing.T) {
	last := 0.0
	for at := 0.0; at <= 112; at += 16 {
		now := level(at, 2, Rising)
		if now <= last*1.2 {
			t.Errorf("at %v s: level %.3f after %.3f, expected a step up", at, now, last)
		}
		last = now
	}
	if late := level(3600, 2, Rising); math.Abs(late-last) > 1e-6 {
		t.Errorf("after an hour the level is %.3f, was %.3f", late, last)
	}
	if first := level(0, 2, Rising); first < 0.02 {
		t.Errorf("the first step has level %.3f: nobody hears it", first)
	}
}

func TestPitchRisesByAnOctave(t *testing.T) {
	for _, c := range []struct{ at, hz float64 }{{0, 440}, {0.2, 550}, {0.4, 660}, {112, 880}, {112.2, 1100}} {
		out := make([]int16, rate*3/20)
		fill(out, int64((c.at+0.01)*rate), Rising)
		if share := tonal(out, c.hz); share < 0.5 {
			t.Errorf("at %v s only %.0f %% of the power is at %v Hz", c.at, share*100, c.hz)
		}
	}
}

func TestBriefEndsByItselfAndSilentIsSilent(t *testing.T) {
	if level(0, 2, Brief) == 0 {
		t.Error("brief is silent")
	}
	if l := level(burst/rate, 2, Brief); l != 0 {
		t.Errorf("brief goes on: %v", l)
	}
	if l := level(0, 2, Silent); l != 0 {
		t.Errorf("silence has level %v", l)
	}
}

func TestNoClicks(t *testing.T) {
	for _, at := range []int64{0, step - rate, 7 * step} {
		out := make([]int16, 2*period)
		fill(out, at, Rising)
		for i := 1; i < len(out); i++ {
			if d := math.Abs(float64(out[i])-float64(out[i-1])) / math.MaxInt16; d > 0.55 {
				t.Fatalf("a jump of %.2f at sample %d", d, at+int64(i))
			}
		}
	}
}

func BenchmarkSecondOfAlarm(b *testing.B) {
	out := make([]int16, rate)
	for i := 0; b.Loop(); i++ {
		fill(out, int64(i)*rate, Rising)
	}
}
