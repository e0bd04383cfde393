package e2e

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// screen sees a display as a person at it does: its windows and its pixels.
type screen struct {
	display string
	conn    *xgb.Conn
	root    window

	mu     sync.Mutex
	mapped map[window]time.Time // when each top-level window came up
}

type window = xproto.Window

func (s *screen) connect(t *testing.T, display string) {
	t.Helper()
	s.display, s.mapped = display, map[window]time.Time{}
	xgb.Logger = log.New(io.Discard, "", 0)
	var err error
	if s.conn, err = xgb.NewConnDisplay(display); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.conn.Close)
	s.root = xproto.Setup(s.conn).DefaultScreen(s.conn).Root
	err = xproto.ChangeWindowAttributesChecked(s.conn, s.root, xproto.CwEventMask, []uint32{xproto.EventMaskSubstructureNotify}).Check()
	if err != nil {
		t.Fatal(err)
	}
	go s.watch()
}

// watch notes when windows come up.
func (s *screen) watch() {
	for {
		event, err := s.conn.WaitForEvent()
		if event == nil && err == nil {
			return // closed
		}
		if m, ok := event.(xproto.MapNotifyEvent); ok {
			s.mu.Lock()
			s.mapped[m.Window] = time.Now()
			s.mu.Unlock()
		}
	}
}

// mappedAt is when the frame around a window came up last.
func (s *screen) mappedAt(w window) time.Time {
	frame := s.frame(w)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mapped[frame]
}

// property reads a window's property; empty if it is not set.
func (s *screen) property(w window, name string) []byte {
	atom, err := xproto.InternAtom(s.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return nil
	}
	p, err := xproto.GetProperty(s.conn, false, w, atom.Atom, xproto.GetPropertyTypeAny, 0, 1024).Reply()
	if err != nil {
		return nil
	}
	return p.Value
}

// numbers reads a property of 32-bit values.
func (s *screen) numbers(w window, name string) []uint32 {
	var out []uint32
	for b := s.property(w, name); len(b) >= 4; b = b[4:] {
		out = append(out, binary.LittleEndian.Uint32(b))
	}
	return out
}

// title is a window's title; old programs set only the old property.
func (s *screen) title(w window) string {
	if title := s.property(w, "_NET_WM_NAME"); len(title) > 0 {
		return string(title)
	}
	return string(s.property(w, "WM_NAME"))
}

// stacked are the windows that the window manager knows, from the bottom up.
func (s *screen) stacked() []window {
	var out []window
	for _, id := range s.numbers(s.root, "_NET_CLIENT_LIST_STACKING") {
		out = append(out, window(id))
	}
	return out
}

// find looks for a managed window of a process (0: of any) by how its title
// begins.
func (s *screen) find(pid int, title string) (window, bool) {
	for _, w := range s.stacked() {
		if n := s.numbers(w, "_NET_WM_PID"); pid != 0 && (len(n) != 1 || int(n[0]) != pid) {
			continue
		}
		if strings.HasPrefix(s.title(w), title) {
			return w, true
		}
	}
	return 0, false
}

// has says whether a window has a state that the window manager grants.
func (s *screen) has(w window, state string) bool {
	atom, err := xproto.InternAtom(s.conn, false, uint16(len(state)), state).Reply()
	if err != nil {
		return false
	}
	for _, n := range s.numbers(w, "_NET_WM_STATE") {
		if n == uint32(atom.Atom) {
			return true
		}
	}
	return false
}

func (s *screen) viewable(w window) bool {
	a, err := xproto.GetWindowAttributes(s.conn, w).Reply()
	return err == nil && a.MapState == xproto.MapStateViewable
}

// frame is the top-level window that holds a window.
func (s *screen) frame(w window) window {
	for {
		tree, err := xproto.QueryTree(s.conn, w).Reply()
		if err != nil || tree.Parent == s.root || tree.Parent == 0 {
			return w
		}
		w = tree.Parent
	}
}

// area is where on the screen a window's content is.
func (s *screen) area(w window) image.Rectangle {
	size, err := xproto.GetGeometry(s.conn, xproto.Drawable(w)).Reply()
	if err != nil {
		return image.Rectangle{}
	}
	at, err := xproto.TranslateCoordinates(s.conn, w, s.root, 0, 0).Reply()
	if err != nil {
		return image.Rectangle{}
	}
	return image.Rect(0, 0, int(size.Width), int(size.Height)).Add(image.Pt(int(at.DstX), int(at.DstY)))
}

// look takes a picture of the whole screen.
func (s *screen) look() (*image.RGBA, error) {
	size, err := xproto.GetGeometry(s.conn, xproto.Drawable(s.root)).Reply()
	if err != nil {
		return nil, err
	}
	got, err := xproto.GetImage(s.conn, xproto.ImageFormatZPixmap, xproto.Drawable(s.root), 0, 0, size.Width, size.Height, 0xffffffff).Reply()
	if err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, int(size.Width), int(size.Height)))
	if len(got.Data) != len(img.Pix) {
		return nil, fmt.Errorf("the display answers with %d bytes, not 32 bits a pixel", len(got.Data))
	}
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = got.Data[i+2], got.Data[i+1], got.Data[i], 0xff
	}
	return img, nil
}

// The alarm's colours, as a person sees them.
var (
	night = color.RGBA{0x0d, 0x12, 0x18, 0xff} // the window's ground
	slate = color.RGBA{0x17, 0x1f, 0x29, 0xff} // a card on it
	mint  = color.RGBA{0x4a, 0xd9, 0x9a, 0xff} // the button that answers
	lit   = color.RGBA{0x78, 0xe8, 0xb8, 0xff} // the same under the pointer
)

// share is how much of an area has one of the colours.
func share(img *image.RGBA, area image.Rectangle, colors ...color.RGBA) float64 {
	n := 0
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if slices.Contains(colors, img.RGBAAt(x, y)) {
				n++
			}
		}
	}
	return float64(n) / float64(max(area.Dx()*area.Dy(), 1))
}

// extent is the topmost rectangle of one of the colours; only rows with much of
// them count, so that letters and edges do not.
func extent(img *image.RGBA, area image.Rectangle, colors ...color.RGBA) image.Rectangle {
	var out image.Rectangle
	for y := area.Min.Y; y < area.Max.Y; y++ {
		var row image.Rectangle
		n := 0
		for x := area.Min.X; x < area.Max.X; x++ {
			if slices.Contains(colors, img.RGBAAt(x, y)) {
				row = row.Union(image.Rect(x, y, x+1, y+1))
				n++
			}
		}
		switch {
		case n >= 40:
			out = out.Union(row)
		case !out.Empty():
			return out
		}
	}
	return out
}

// button finds the topmost bright button of a window on the screen.
func (s *screen) button(w window) (image.Rectangle, bool) {
	img, err := s.look()
	if err != nil {
		return image.Rectangle{}, false
	}
	b := extent(img, s.area(w).Intersect(img.Bounds()), mint, lit)
	return b, b.Dx() > 80 && b.Dy() > 30
}

// painted says whether a window of ours is on the screen up to its rim: nothing
// covers it, and what it shows has its size.
func (s *screen) painted(w window) bool {
	img, err := s.look()
	area := s.area(w)
	return err == nil && !area.Empty() && area.In(img.Bounds()) && share(img, area, night, slate) > 0.6 && share(img, rim(area), night) > 0.99
}

// drawn says the same of a window that has a button to press.
func (s *screen) drawn(w window) bool {
	_, button := s.button(w)
	return button && s.painted(w)
}

// rim is the lowest line within a window: the last to be drawn, the first to be
// covered.
func rim(area image.Rectangle) image.Rectangle {
	return image.Rect(area.Min.X+4, area.Max.Y-5, area.Max.X-4, area.Max.Y-4)
}

// photograph keeps a picture of the screen for people to judge.
func (d *desk) photograph(name string) {
	d.t.Helper()
	img, err := d.look()
	if err != nil {
		d.t.Error(err)
		return
	}
	dir := os.Getenv("TOCSIN_SCREENSHOTS")
	if dir == "" {
		dir = d.t.TempDir()
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		d.t.Error(err)
		return
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		d.t.Error(err)
	}
}

// point moves the pointer.
func (d *desk) point(x, y int) {
	d.t.Helper()
	d.do("xdotool", "mousemove", fmt.Sprint(x), fmt.Sprint(y))
}

const (
	// still is for how long a button stands before a person clicks it: a click in
	// the first moment after the window came or changed does not count.
	still = time.Second
	// unmoved is how long a click that counts may take to show. A second one
	// sooner would fall on what the first one brings up.
	unmoved = 15 * time.Second
)

// press clicks the bright button of a window, until what it should do has been
// done.
func (d *desk) press(w window, done func() bool) {
	d.t.Helper()
	d.pressAt(w, func(b image.Rectangle) image.Point { return b.Min.Add(b.Size().Div(2)) }, done)
}

// pressAt clicks where a window has something, told by where its bright button
// is.
func (d *desk) pressAt(w window, where func(button image.Rectangle) image.Point, done func() bool) {
	d.t.Helper()
	var seen image.Rectangle
	var since, last time.Time
	waitFor(d.t, "a click on the button of "+d.title(w)+" counts", func() bool {
		if !last.IsZero() && done() {
			return true
		}
		b, ok := d.button(w)
		switch {
		case !ok || !d.viewable(w): // what is seen there is another window's
			seen = image.Rectangle{}
		case b != seen:
			seen, since = b, time.Now()
		case time.Since(since) > still && (last.IsZero() || time.Since(last) > unmoved):
			at := where(b)
			d.point(at.X-30, at.Y+5)
			d.point(at.X, at.Y)
			if last.IsZero() {
				d.photograph(d.t.Name() + " under the pointer")
			}
			_ = d.try("xdotool", "click", "1")
			last = time.Now()
		}
		return false
	})
}
