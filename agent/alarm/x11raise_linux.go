package alarm

import (
	"encoding/binary"

	"github.com/jezek/xgb/xproto"
)

const (
	everyDesktop = 0xffffffff
	iconicState  = 3 // of WM_STATE
	stateAdd     = 1 // of _NET_WM_STATE
	fromPager    = 2 // a request in the user's name, which window managers heed
)

// raise asks the window manager to bring a window to the current workspace and
// to the top. It does not ask for the focus: who is typing elsewhere would
// press keys in the alarm.
func (x *xserver) raise(id uint32) error {
	win := xproto.Window(id)
	current, haveCurrent := x.first(x.root, "_NET_CURRENT_DESKTOP")
	desktop, haveDesktop := x.first(win, "_NET_WM_DESKTOP")
	if haveCurrent && haveDesktop && desktop != everyDesktop && desktop != current {
		x.tell(win, "_NET_WM_DESKTOP", current, fromPager)
	}
	// Only now: openbox leaves an icon of another workspace as it is.
	if state, ok := x.first(win, "WM_STATE"); ok && state == iconicState {
		xproto.MapWindow(x.Conn, win) // how a client asks not to be an icon
	}
	x.tell(win, "_NET_WM_STATE", stateAdd, uint32(x.atoms["_NET_WM_STATE_ABOVE"]), uint32(x.atoms["_NET_WM_STATE_DEMANDS_ATTENTION"]), fromPager)
	x.tell(win, "_NET_RESTACK_WINDOW", fromPager, 0, xproto.StackModeAbove)
	// Answers only when the server has taken all of it.
	return xproto.ConfigureWindowChecked(x.Conn, win, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove}).Check()
}

// activate asks the window manager for what a click on a taskbar does: the
// window comes to the front and gets the focus.
func (x *xserver) activate(id uint32) error {
	x.tell(xproto.Window(id), "_NET_ACTIVE_WINDOW", fromPager)
	_, err := xproto.GetInputFocus(x.Conn).Reply() // the server has taken it
	return err
}

// tell sends the window manager a message about a window.
func (x *xserver) tell(win xproto.Window, what string, data ...uint32) {
	for len(data) < 5 {
		data = append(data, 0)
	}
	ev := xproto.ClientMessageEvent{Format: 32, Window: win, Type: x.atoms[what], Data: xproto.ClientMessageDataUnionData32New(data)}
	xproto.SendEvent(x.Conn, false, x.root, xproto.EventMaskSubstructureNotify|xproto.EventMaskSubstructureRedirect, string(ev.Bytes()))
}

// numbers reads a property of 32-bit values; none if it is not set.
func (x *xserver) numbers(win xproto.Window, name string) []uint32 {
	reply, err := xproto.GetProperty(x.Conn, false, win, x.atoms[name], xproto.GetPropertyTypeAny, 0, 64).Reply()
	if err != nil || reply.Format != 32 {
		return nil
	}
	var out []uint32
	for b := reply.Value; len(b) >= 4; b = b[4:] {
		out = append(out, binary.LittleEndian.Uint32(b)) // xgb always asks for this order
	}
	return out
}

func (x *xserver) first(win xproto.Window, name string) (uint32, bool) {
	n := x.numbers(win, name)
	if len(n) == 0 {
		return 0, false
	}
	return n[0], true
}

func (x *xserver) has(win xproto.Window, name, value string) bool {
	for _, n := range x.numbers(win, name) {
		if n == uint32(x.atoms[value]) {
			return true
		}
	}
	return false
}
