package alarm

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/dpms"
	"github.com/jezek/xgb/screensaver"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"
)

// seenShare is how much of the window must be uncovered to count as shown: a
// sliver behind a full-screen film is not.
const seenShare = 0.5

// xserver is a connection of our own to the X server, so that what is asked
// does not pass through the window toolkit whose claims it checks.
type xserver struct {
	*xgb.Conn
	root            xproto.Window
	atoms           map[string]xproto.Atom
	shapes, dpms    bool
	saver, xwayland bool
}

var quietX = sync.OnceFunc(func() { xgb.Logger.SetOutput(io.Discard) })

func dialX(display string) (*xserver, error) {
	quietX() // it writes to the standard error what it also returns
	conn, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, err
	}
	x := &xserver{Conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root, atoms: map[string]xproto.Atom{}}
	go func() { // events that nobody takes would stop the replies in the end
		for {
			if ev, err := conn.WaitForEvent(); ev == nil && err == nil {
				return
			}
		}
	}()
	x.shapes = shape.Init(conn) == nil
	x.dpms = dpms.Init(conn) == nil
	x.saver = screensaver.Init(conn) == nil
	name := "XWAYLAND"
	ext, err := xproto.QueryExtension(conn, uint16(len(name)), name).Reply()
	x.xwayland = os.Getenv("WAYLAND_DISPLAY") != "" || err == nil && ext.Present
	for _, name := range []string{"_NET_WM_STATE", "_NET_WM_STATE_HIDDEN", "_NET_WM_STATE_ABOVE", "_NET_WM_STATE_DEMANDS_ATTENTION",
		"_NET_WM_DESKTOP", "_NET_CURRENT_DESKTOP", "_NET_ACTIVE_WINDOW", "_NET_RESTACK_WINDOW", "WM_STATE"} {
		reply, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			conn.Close()
			return nil, err
		}
		x.atoms[name] = reply.Atom
	}
	return x, nil
}

func (x *xserver) close() { x.Conn.Close() }

// look says whether a window can be seen, the session's lock left aside. An
// error means that the server cannot be asked.
func (x *xserver) look(id uint32) (Sight, error) {
	win := xproto.Window(id)
	no := func(why string) (Sight, error) { return Sight{Verdict: NotVisible, Detail: why}, nil }

	attributes, err := xproto.GetWindowAttributes(x.Conn, win).Reply()
	var gone xproto.WindowError
	if errors.As(err, &gone) {
		return no("the window is gone")
	}
	if err != nil {
		return Sight{}, err
	}
	current, haveCurrent := x.first(x.root, "_NET_CURRENT_DESKTOP")
	desktop, haveDesktop := x.first(win, "_NET_WM_DESKTOP")
	switch {
	case x.has(win, "_NET_WM_STATE", "_NET_WM_STATE_HIDDEN"):
		return no("minimised")
	case haveCurrent && haveDesktop && desktop != everyDesktop && desktop != current:
		return no("on another workspace")
	case attributes.MapState != xproto.MapStateViewable:
		return no("not mapped")
	}
	if why := x.dark(); why != "" {
		return no(why)
	}
	share, err := x.uncovered(win)
	if err != nil {
		return Sight{}, err
	}
	switch {
	case share == 0:
		return no("covered, or off the screen")
	case share < seenShare:
		return no(fmt.Sprintf("only %d %% of it uncovered", int(share*100)))
	case x.xwayland:
		// The X server does not know of Wayland's own windows above it.
		return Sight{Detail: "mapped, but Wayland does not tell what covers it"}, nil
	}
	return Sight{Verdict: Visible, Detail: fmt.Sprintf("viewable, %d %% uncovered", int(share*100))}, nil
}

// dark says why nothing on the screens can be seen, if so.
func (x *xserver) dark() string {
	if x.dpms {
		if info, err := dpms.Info(x.Conn).Reply(); err == nil && info.State && info.PowerLevel != dpms.DPMSModeOn {
			return "screen asleep"
		}
	}
	if x.saver {
		if info, err := screensaver.QueryInfo(x.Conn, xproto.Drawable(x.root)).Reply(); err == nil && info.State == screensaver.StateOn {
			return "screen saver on"
		}
	}
	return ""
}

// uncovered is the share of the window's area that is on the screen with no
// other window above it.
func (x *xserver) uncovered(win xproto.Window) (float64, error) {
	size, err := xproto.GetGeometry(x.Conn, xproto.Drawable(win)).Reply()
	if err != nil {
		return 0, err
	}
	at, err := xproto.TranslateCoordinates(x.Conn, win, x.root, 0, 0).Reply()
	if err != nil {
		return 0, err
	}
	screen, err := xproto.GetGeometry(x.Conn, xproto.Drawable(x.root)).Reply()
	if err != nil {
		return 0, err
	}
	whole := box(int(at.DstX), int(at.DstY), size.Width, size.Height)
	seen := []rect{whole.intersect(box(0, 0, screen.Width, screen.Height))}
	above, err := x.above(win)
	if err != nil {
		return 0, err
	}
	for _, other := range above {
		for _, r := range x.covers(other) {
			seen = subtract(seen, r)
		}
	}
	return float64(area(seen)) / float64(max(whole.area(), 1)), nil
}

// above are the top-level windows stacked over the one that holds win.
func (x *xserver) above(win xproto.Window) ([]xproto.Window, error) {
	for top := win; ; {
		tree, err := xproto.QueryTree(x.Conn, top).Reply()
		if err != nil {
			return nil, err
		}
		if tree.Parent != x.root && tree.Parent != 0 {
			top = tree.Parent
			continue
		}
		all, err := xproto.QueryTree(x.Conn, x.root).Reply()
		if err != nil {
			return nil, err
		}
		for i, w := range all.Children { // from the bottom up
			if w == top {
				return all.Children[i+1:], nil
			}
		}
		return nil, nil
	}
}

// covers are the stretches of the screen that a top-level window paints. One
// that went away meanwhile covers nothing.
func (x *xserver) covers(win xproto.Window) []rect {
	a, err := xproto.GetWindowAttributes(x.Conn, win).Reply()
	if err != nil || a.MapState != xproto.MapStateViewable || a.Class != xproto.WindowClassInputOutput {
		return nil
	}
	g, err := xproto.GetGeometry(x.Conn, xproto.Drawable(win)).Reply()
	if err != nil {
		return nil
	}
	border := 2 * g.BorderWidth
	if !x.shapes {
		return []rect{box(int(g.X), int(g.Y), g.Width+border, g.Height+border)}
	}
	// What lets every click through is a compositor's overlay or the like,
	// which shows what lies under it.
	input, err := shape.GetRectangles(x.Conn, win, shape.SkInput).Reply()
	if err != nil || len(input.Rectangles) == 0 {
		return nil
	}
	bounds, err := shape.GetRectangles(x.Conn, win, shape.SkBounding).Reply()
	if err != nil {
		return nil
	}
	var out []rect
	for _, r := range bounds.Rectangles {
		out = append(out, box(int(g.X)+int(g.BorderWidth)+int(r.X), int(g.Y)+int(g.BorderWidth)+int(r.Y), r.Width, r.Height))
	}
	return out
}
