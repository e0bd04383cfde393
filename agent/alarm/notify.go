package alarm

import (
	"runtime"
	"strings"
	"sync"

	"github.com/gen2brain/beeep"

	"tocsin/agent/ui/plain"
)

// Notification is one of the desktop's own notifications. Its text is plain;
// markup in it is shown, not obeyed.
type Notification struct {
	// Key: showing another with the same key replaces this one.
	Key         string
	Title, Body string
	// Urgent ones stay until closed. The others go by themselves.
	Urgent bool
	// Quiet ones may be kept for later by the desktop.
	Quiet bool
	// Ack offers a button "Acknowledge" where the desktop can.
	Ack bool
	// Sheet offers a button "Call sheet", likewise.
	Sheet bool
}

// Action is what the person did with a notification.
type Action uint8

const (
	// Opened: clicked it; the window should come.
	Opened Action = iota + 1
	// Acknowledged: pressed the button.
	Acknowledged
	// SheetWanted: pressed the button for the call sheet.
	SheetWanted
)

const (
	titleLength = 120
	bodyLength  = 400
	bodyLines   = 5
)

// tidy makes the text fit to be shown, not yet safe for any one desktop.
func (x Notification) tidy() Notification {
	x.Title = plain.Line(x.Title, titleLength)
	x.Body = plain.Text(x.Body, bodyLength, bodyLines)
	return x
}

var nameBeeep = sync.OnceFunc(func() { beeep.AppName = "Tocsin" })

// beep shows a notification with what every desktop has: it can neither be
// taken away nor say what was clicked.
func beep(x Notification) error {
	nameBeeep()
	title, body := tame(runtime.GOOS, x.Title), tame(runtime.GOOS, x.Body)
	if x.Urgent {
		return beeep.Alert(title, body, "")
	}
	return beeep.Notify(title, body, "")
}

var (
	markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	// On Windows the text ends up unescaped in an XML CDATA section and, where
	// that way fails, within a PowerShell string that runs $(…). Look-alikes
	// from the full-width block are harmless in both.
	powershell = strings.NewReplacer("$", "＄", "`", "｀", `"`, "＂", "]]>", "]]＞", "\n", " ")
)

// tame makes text from outside harmless for what beeep hands it to.
func tame(system, s string) string {
	switch system {
	case "windows":
		return powershell.Replace(s)
	case "darwin":
		// A leading dash would be read as an option of terminal-notifier, a
		// leading bracket as a list.
		if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "[") {
			return " " + s
		}
		return s
	}
	return markup.Replace(s)
}
