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
