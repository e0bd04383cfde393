package alarm

// Window names a native window.
type Window struct {
	// System is "x11", "wayland", "windows", "macos", or "" when there is none.
	System string
	ID     uintptr
}

// Verdict is the answer to "can it be seen?".
type Verdict uint8

const (
	// Unprovable: this system offers no way to know.
	Unprovable Verdict = iota
	// Visible: proven to be on a visible, unlocked, awake screen.
	Visible
	// NotVisible: proven not to be.
	NotVisible
)

func (v Verdict) String() string {
	return [...]string{"unprovable", "visible", "not visible"}[v]
}

// Sight is what could be found out about a window.
type Sight struct {
	Verdict Verdict
	// Detail says what the verdict rests on, in a few words for the receipt.
	Detail string
	// Locked: the session is known to be locked.
	Locked bool
}

// unprovable is the answer where a system tells nothing about its windows.
func unprovable(w Window) Sight {
	switch w.System {
	case "":
		return Sight{Verdict: NotVisible, Detail: "no window"}
	case "wayland":
		return Sight{Detail: "Wayland does not tell whether a window can be seen"}
	}
	return Sight{Detail: "not known on " + w.System + " whether a window can be seen"}
}
