package alarm

import "math"

// The alarm is two groups of three rising strikes and a pause, two seconds
// long, over and over. Every sixteen seconds it grows by a step, in volume and
// pitch, until after nearly two minutes it is at full scale and an octave up:
// who is awake is not frightened, who sleeps does not sleep on.
const (
	rate   = 22050
	period = 2 * rate
	step   = 8 * period
	steps  = 7 // after the first

	lowest   = 440.0 // Hz
	softest  = -18.0 // dB below loudest
	loudest  = 0.9   // of full scale
	strike   = 0.18  // seconds
	burst    = 2 * period
	briefAt  = 3 // the step at which Brief plays
	attack   = 0.006
	releases = 0.03
)

// strikes are the starts within a period, in seconds, and the pitch of each
// over the step's own: a major triad.
var strikes = [...]struct{ at, pitch float64 }{
	{0.0, 1}, {0.2, 1.25}, {0.4, 1.5},
	{0.8, 1}, {1.0, 1.25}, {1.2, 1.5},
}

// fill writes the samples from position at on, counted from the alarm's start.
func fill(out []int16, at int64, t Tone) {
	for i := range out {
		out[i] = int16(sample(at+int64(i), t) * math.MaxInt16)
	}
}

// sample is one sample in [-1, 1].
func sample(at int64, t Tone) float64 {
	k := min(at/step, steps)
	switch {
	case t == Silent, t == Brief && at >= burst:
		return 0
	case t == Brief:
		k = briefAt
	}
	grown := float64(k) / steps
	gain := loudest * math.Pow(10, softest*(1-grown)/20)
	base := lowest * math.Pow(2, grown)

	now := float64(at%period) / rate
	for _, s := range strikes {
		if x := now - s.at; x >= 0 && x < strike {
			return gain * envelope(x) * bell(2*math.Pi*base*s.pitch*x)
		}
	}
	return 0
}

// bell is a wave with some overtones: small speakers hardly play the
// fundamental, and a bare sine is easy to sleep through.
func bell(phase float64) float64 {
	return (math.Sin(phase) + 0.5*math.Sin(2*phase) + 0.25*math.Sin(3*phase)) / 1.75
}

// envelope lets a strike begin and end without a click.
func envelope(x float64) float64 {
	switch {
	case x < attack:
		return x / attack
	case x > strike-releases:
		return (strike - x) / releases
	}
	return 1
}
