package alarm

// rect is a stretch of the screen, half-open.
type rect struct{ x0, y0, x1, y1 int }

func box(x, y int, w, h uint16) rect { return rect{x, y, x + int(w), y + int(h)} }

func (r rect) area() int {
	if r.x1 <= r.x0 || r.y1 <= r.y0 {
		return 0
	}
	return (r.x1 - r.x0) * (r.y1 - r.y0)
}

func (r rect) intersect(o rect) rect {
	return rect{max(r.x0, o.x0), max(r.y0, o.y0), min(r.x1, o.x1), min(r.y1, o.y1)}
}

// subtract takes hole out of rectangles that do not overlap.
func subtract(from []rect, hole rect) []rect {
	var out []rect
	keep := func(r rect) {
		if r.area() > 0 {
			out = append(out, r)
		}
	}
	for _, r := range from {
		h := r.intersect(hole)
		if h.area() == 0 {
			keep(r)
			continue
		}
		keep(rect{r.x0, r.y0, r.x1, h.y0})
		keep(rect{r.x0, h.y1, r.x1, r.y1})
		keep(rect{r.x0, h.y0, h.x0, h.y1})
		keep(rect{h.x1, h.y0, r.x1, h.y1})
	}
	return out
}

func area(rs []rect) int {
	sum := 0
	for _, r := range rs {
		sum += r.area()
	}
	return sum
}
