package ui

import "fyne.io/fyne/v2"

const rowGap = 10

// actionRow gives the first button half of the width, the others the rest. If
// the first is hidden, the others share all. It keeps some room above itself.
type actionRow struct{ above float32 }

func (r actionRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var weights, x float32
	for i, o := range objects {
		if o.Visible() {
			weights += weight(i)
			x += rowGap
		}
	}
	room := size.Width - max(x-rowGap, 0)
	x = 0
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		w := room * weight(i) / weights
		o.Move(fyne.NewPos(x, r.above))
		o.Resize(fyne.NewSize(w, size.Height-r.above))
		x += w + rowGap
	}
}

func weight(i int) float32 {
	if i == 0 {
		return 2
	}
	return 1
}

func (r actionRow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			s.Width += m.Width + rowGap
			s.Height = max(s.Height, m.Height+r.above)
		}
	}
	return s
}

// answerRow gives the first button a line of its own; the others share the next
// one by what their words need.
type answerRow struct{}

func (answerRow) split(objects []fyne.CanvasObject) (top fyne.CanvasObject, rest []fyne.CanvasObject) {
	for i, o := range objects {
		switch {
		case !o.Visible():
		case i == 0:
			top = o
		default:
			rest = append(rest, o)
		}
	}
	return top, rest
}

func (a answerRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	top, rest := a.split(objects)
	y := float32(0)
	if top != nil {
		h := top.MinSize().Height
		top.Move(fyne.NewPos(0, 0))
		top.Resize(fyne.NewSize(size.Width, h))
		y = h + rowGap
	}
	var needed float32
	for _, o := range rest {
		needed += o.MinSize().Width
	}
	spare := (size.Width - needed - rowGap*float32(len(rest)-1)) / float32(max(len(rest), 1))
	x := float32(0)
	for _, o := range rest {
		w := o.MinSize().Width + spare
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, o.MinSize().Height))
		x += w + rowGap
	}
}

func (a answerRow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	top, rest := a.split(objects)
	var above, below fyne.Size
	if top != nil {
		above = top.MinSize()
	}
	for i, o := range rest {
		m := o.MinSize()
		below.Width += m.Width
		if i > 0 {
			below.Width += rowGap
		}
		below.Height = max(below.Height, m.Height)
	}
	gap := float32(0)
	if above.Height > 0 && below.Height > 0 {
		gap = rowGap
	}
	return fyne.NewSize(max(above.Width, below.Width), above.Height+gap+below.Height)
}

// atLeast keeps a width, so that what stands beside it begins in one line.
type atLeast struct{ width float32 }

func (atLeast) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

func (a atLeast) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(a.width, 0)
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}

// detailRow puts a name beside its value, which may have many lines.
type detailRow struct{}

const nameWidth = 150

func (detailRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(fyne.NewSize(nameWidth, size.Height))
	objects[1].Move(fyne.NewPos(nameWidth+rowGap, 0))
	objects[1].Resize(fyne.NewSize(size.Width-nameWidth-rowGap, size.Height))
}

func (detailRow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(nameWidth+rowGap+b.Width, max(a.Height, b.Height))
}

// stacked puts a top and a bottom at their heights and gives what lies between
// the rest; its own height is that of the whole, so that a window can be
// fitted to what a scroller holds.
type stacked struct{ gap float32 }

func (s stacked) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	top, between, bottom := objects[0], objects[1], objects[2]
	y, left := float32(0), size.Height
	if h := top.MinSize().Height; h > 0 {
		top.Resize(fyne.NewSize(size.Width, h))
		y, left = h+s.gap, left-h-s.gap
	}
	if bottom.Visible() {
		bottom.Resize(fyne.NewSize(size.Width, bottom.MinSize().Height))
		h := bottom.MinSize().Height
		bottom.Move(fyne.NewPos(0, size.Height-h))
		left -= h + s.gap
	}
	between.Move(fyne.NewPos(0, y))
	between.Resize(fyne.NewSize(size.Width, max(left, 0)))
}

func (s stacked) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		if m.Height > 0 && i > 0 && size.Height > 0 {
			size.Height += s.gap
		}
		size.Height += m.Height
	}
	return size
}
