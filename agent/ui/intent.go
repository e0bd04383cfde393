package ui

import "time"

// IntentKind is what a person wants.
type IntentKind uint8

const (
	// Acknowledge, Resolve and PassOn are about the page Intent.Page. PassOn
	// has been confirmed when it is sent.
	Acknowledge IntentKind = iota + 1
	Resolve
	PassOn
	// Hide: the alarm window was closed; it is hidden until the next Raise.
	Hide
	// Touched: the person moved the pointer over the alarm window, clicked or
	// pressed a key in it. Sent at most once for every time the window is
	// raised or gets another page. A window that appears under a resting
	// pointer has not been touched.
	Touched
	// AskOffDuty: for Intent.Off; a preview should be shown first.
	AskOffDuty
	// GoOffDuty: confirmed in the preview, until Intent.Until.
	GoOffDuty
	// BackOnDuty: now.
	BackOnDuty
	// TestPage: send a page to oneself.
	TestPage
	// ShowWindow: bring the alarm window if pages are open, else the status
	// window.
	ShowWindow
	// Quit the agent.
	Quit
)

// Intent is one wish of the person, sent on the user interface's goroutine:
// the receiver must not block.
type Intent struct {
	Kind IntentKind
	// Page is the key of the page meant.
	Page string
	// Off is the choice of AskOffDuty.
	Off Off
	// Until is the end that the preview showed, for GoOffDuty.
	Until time.Time
}

// Off is a length of absence that the tray offers.
type Off uint8

const (
	HalfHour Off = iota + 1
	OneHour
	UntilTomorrow
)

// startOfDay is the hour at which "until tomorrow" ends.
const startOfDay = 8

// Until answers when the absence would end if it began at now; "tomorrow" is
// the next calendar day in now's location, at 08:00 on its clock.
func (o Off) Until(now time.Time) time.Time {
	switch o {
	case HalfHour:
		return now.Add(30 * time.Minute)
	case OneHour:
		return now.Add(time.Hour)
	}
	y, m, d := now.Date()
	return time.Date(y, m, d+1, startOfDay, 0, 0, 0, now.Location())
}

// Label is the choice in the words of a menu.
func (o Off) Label() string {
	switch o {
	case HalfHour:
		return "30 minutes"
	case OneHour:
		return "1 hour"
	}
	return "Until tomorrow"
}
