// Command bare is the least that a program with a window and a tray can be: what
// the agent is measured against. It obeys "show" and "hide" on its standard input.
package main

import (
	"bufio"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

func main() {
	a := app.NewWithID("org.tocsin.bare")
	if tray, ok := a.(desktop.App); ok {
		tray.SetSystemTrayMenu(fyne.NewMenu("Bare", fyne.NewMenuItem("Quit", a.Quit)))
	}
	w := a.NewWindow("Bare")
	w.SetContent(widget.NewLabel("Nothing"))
	w.Resize(fyne.NewSize(760, 346))
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			switch in.Text() {
			case "show":
				fyne.Do(w.Show)
			case "hide":
				fyne.Do(w.Hide)
			}
		}
	}()
	a.Run()
}
