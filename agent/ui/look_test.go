package ui

import (
	"image/color"
	"math"
	"testing"
)

// contrast is the ratio of WCAG 2.
func contrast(a, b color.Color) float64 {
	light := func(c color.Color) float64 {
		r, g, b, _ := c.RGBA()
		lin := func(v uint32) float64 {
			f := float64(v) / 0xffff
			if f <= 0.04045 {
				return f / 12.92
			}
			return math.Pow((f+0.055)/1.055, 2.4)
		}
		return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestEveryTextCanBeRead(t *testing.T) {
	for _, c := range []struct {
		what     string
		on, text color.Color
	}{
		{"text on a card", slate, snow}, {"lesser text on a card", slate, mist},
		{"text on the window", night, snow}, {"lesser text on the window", night, mist},
		{"a warning on a card", slate, amber}, {"a warning in its box", night, amber},
		{"acknowledge", mint, ink}, {"acknowledge under the pointer", mintLit, ink},
		{"second buttons", raised, snow}, {"second buttons under the pointer", lifted, snow},
		{"critical", red, ink}, {"error", orange, ink}, {"warning", yellow, ink}, {"info", sky, ink}, {"test", violet, ink},
	} {
		if got := contrast(c.on, c.text); got < 7 {
			t.Errorf("%s: contrast %.1f:1, want 7:1", c.what, got)
		}
	}
}
