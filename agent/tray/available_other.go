//go:build !linux

package tray

// Available says whether somebody would show the icon now: on this system
// always.
func Available() (ok bool, why string) { return true, "" }

func impossible() string { return "" }
