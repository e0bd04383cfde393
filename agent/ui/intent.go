package ui

import "time"

// IntentKind is what a person wants.
type IntentKind uint8

const (
	// Acknowledge, Resolve and PassOn are about the pages Intent.On. Of an
	// incident that the user holds, Acknowledge says "still on it". Of a cover
	// request, Acknowledge takes over and PassOn declines.
	Acknowledge IntentKind = iota + 1
	Resolve
	PassOn
	// Snooze keeps what Intent.On names quiet until Intent.Until.
	Snooze
	// HandOver and Keep (until Intent.Until) answer the end of a shift.
	HandOver
	Keep
	// Hide: the alarm window was closed; it is hidden until the next Raise.
	Hide
	// Touched: the person moved the pointer over the alarm window, clicked or
	// pressed a key in it. Sent at most once for every time the window is
	// raised or gets another page. A window that appears under a resting
	// pointer has not been touched.
	Touched
	// AskOffDuty: for Intent.Off, or until Intent.Until where that is set; a
	// preview should be shown first.
	AskOffDuty
	// GoOffDuty: confirmed in the preview, until Intent.Until. With a
	// Colleague, as soon as they accept; with Cannot at once, and the next one
	// is asked.
	GoOffDuty
	// BackOnDuty: now. It also takes back what a colleague has been asked.
	BackOnDuty
	// TakeShift: be on call in Intent.Schedule from now on, as confirmed.
	TakeShift
	// TestPage: send a page to oneself.
	TestPage
	// ShowWindow: bring the alarm window if pages are open, else the status
	// window.
	ShowWindow
	// ShowStatus brings the status window, ShowCallSheet the call sheet.
	ShowStatus
	ShowCallSheet
	// Quit the agent.
	Quit
)

// Ref names a page, or an incident that is held, as it stood on the screen.
type Ref struct {
	Key     string
	Opening uint32
}

// Ref names the page as it is drawn.
func (p Page) Ref() Ref { return Ref{p.Key, p.Opening} }

// Ref names the incident as it is drawn.
func (h Held) Ref() Ref { return Ref{h.Key, h.Opening} }

// Intent is one wish of the person, sent on the user interface's goroutine:
// the receiver must not block.
type Intent struct {
	Kind IntentKind
	// On names exactly what the person saw when they pressed.
	On []Ref
	// Off is the choice of AskOffDuty.
	Off Off
	// Until is the end that was shown, for GoOffDuty, Snooze and Keep.
	Until time.Time
	// Colleague is the id of who is asked to take over.
	Colleague string
	// Cannot: "I can't", whoever is next.
	Cannot bool
	// Schedule is the id of the one whose shift is taken.
	Schedule string
}

// On is an intent about pages or incidents.
func On(k IntentKind, refs ...Ref) Intent { return Intent{Kind: k, On: refs} }

// Off is a length of absence that the tray offers.
type Off uint8

const (
	HalfHour Off = iota + 1
	OneHour
	UntilTomorrow
)

// startOfDay is the hour at which "until tomorrow" ends, and until which what
// is not urgent can wait.
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
	return dayStart(now, 1)
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

// Morning is the next 08:00 on the clock of now's location.
func Morning(now time.Time) time.Time {
	if at := dayStart(now, 0); at.After(now) {
		return at
	}
	return dayStart(now, 1)
}

func dayStart(now time.Time, days int) time.Time {
	y, m, d := now.Date()
	return time.Date(y, m, d+days, startOfDay, 0, 0, 0, now.Location())
}

// String says what is known of how somebody can be reached.
func (r Reachable) String() string {
	switch r {
	case ReachableYes:
		return "can be reached"
	case ReachableNo:
		return "cannot be reached now"
	case ReachableUnchecked:
		return "not checked yet"
	}
	return ""
}
