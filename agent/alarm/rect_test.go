package alarm

import (
	"math/rand/v2"
	"testing"
)

// Taking rectangles away leaves the area that counting cells leaves.
func TestSubtractLeavesWhatCountingLeaves(t *testing.T) {
	const side = 12
	r := rand.New(rand.NewPCG(1, 2))
	some := func() rect {
		return box(r.IntN(side)-2, r.IntN(side)-2, uint16(r.IntN(side)), uint16(r.IntN(side)))
	}
	for range 2000 {
		whole := some()
		left, holes := []rect{whole}, []rect{}
		for range r.IntN(6) {
			h := some()
			holes = append(holes, h)
			left = subtract(left, h)
		}
		want := 0
		for x := whole.x0; x < whole.x1; x++ {
			for y := whole.y0; y < whole.y1; y++ {
				cell, hidden := rect{x, y, x + 1, y + 1}, false
				for _, h := range holes {
					hidden = hidden || h.intersect(cell).area() > 0
				}
				if !hidden {
					want++
				}
			}
		}
		if got := area(left); got != want {
			t.Fatalf("%v without %v leaves %d, want %d", whole, holes, got, want)
		}
	}
}
