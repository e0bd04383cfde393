package ui

import (
	"time"

	"fyne.io/fyne/v2"
)

// resize gives a window another size, and draws it again when the window system
// has followed. Fyne draws at once, into what still has the old size, and under
// X11 that picture, moved by the difference, would stay until something else
// changes.
func resize(win fyne.Window, size fyne.Size) {
	same := win.Canvas().Size() == size
	win.Resize(size)
	if same {
		return
	}
	for _, later := range []time.Duration{60 * time.Millisecond, 250 * time.Millisecond, time.Second} {
		time.AfterFunc(later, func() {
			fyne.Do(func() { win.Canvas().Refresh(win.Content()) })
		})
	}
}
