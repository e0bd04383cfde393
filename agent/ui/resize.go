package ui

import (
	"time"

	"fyne.io/fyne/v2"
)

// resize gives a window another size, in the middle of the screen if it grows, as
// its lower end might else be out of the screen, and draws it again when the
// window system has followed. Fyne draws at once, into what still has the old size, and under
// X11 that picture, moved by the difference, would stay until something else
// changes.
func resize(win fyne.Window, size fyne.Size) {
	before := win.Canvas().Size()
	win.Resize(size)
	if before == size {
		return
	}
	grew := size.Height > before.Height
	for _, later := range []time.Duration{60 * time.Millisecond, 250 * time.Millisecond, time.Second} {
		time.AfterFunc(later, func() {
			fyne.Do(func() {
				if grew && win.Canvas().Size().Height > size.Height-2 { // the window system has followed
					win.CenterOnScreen()
					grew = false
				}
				win.Canvas().Refresh(win.Content())
			})
		})
	}
}
