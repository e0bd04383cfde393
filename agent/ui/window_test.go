package ui

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// stage is an alarm window with a clock and a record of what it sent.
type stage struct {
	*AlarmWindow
	t     *testing.T
	at    time.Time
	draws int
	got   []Intent
}

func newStage(t *testing.T) *stage {
	t.Helper()
	inBerlin(t)
	s := &stage{t: t, at: night0}
	s.AlarmWindow = NewAlarmWindow(test.NewTempApp(t), func(i Intent) { s.got = append(s.got, i) })
	s.now = func() time.Time { s.draws++; return s.at }
	s.clock = func(func()) func() { return func() {} }
	return s
}

// later lets time pass, and the second hand move.
func (s *stage) later(d time.Duration) {
	s.at = s.at.Add(d)
	s.tick()
}

// visible collects what can be read in a window, and its buttons.
func visible(win fyne.Window) (texts []string, buttons map[string]*button) {
	buttons = map[string]*button{}
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if !o.Visible() {
			return
		}
		switch o := o.(type) {
		case *para:
			texts = append(texts, o.segment.Text)
		case *canvas.Text:
			texts = append(texts, o.Text)
		case *button:
			buttons[o.label] = o
			if o.aside != nil {
				texts = append(texts, o.aside.Text)
			}
		case *ground:
			walk(o.content)
		case *container.Scroll:
			walk(o.Content)
		case *fyne.Container:
			for _, child := range o.Objects {
				walk(child)
			}
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				walk(child)
			}
		}
	}
	walk(win.Content())
	return texts, buttons
}

func (s *stage) reads(want ...string) {
	s.t.Helper()
	read(s.t, s.win, want...)
}

// read demands texts or labels of buttons in a window.
func read(t *testing.T, win fyne.Window, want ...string) {
	t.Helper()
	texts, buttons := visible(win)
	for _, w := range want {
		if !slices.Contains(texts, w) && buttons[w] == nil {
			t.Errorf("%q is not to be read in %q", w, texts)
		}
	}
}

// tap clicks a button of a window.
func tap(t *testing.T, win fyne.Window, label string) {
	t.Helper()
	_, buttons := visible(win)
	if buttons[label] == nil {
		t.Fatalf("no button %q among %v", label, buttons)
	}
	test.Tap(buttons[label])
}

func (s *stage) click(label string) {
	s.t.Helper()
	tap(s.t, s.win, label)
}

// sent returns what was sent since the last call, touches aside.
func (s *stage) sent() []Intent {
	out := slices.DeleteFunc(s.got, func(i Intent) bool { return i.Kind == Touched })
	s.got = nil
	return out
}

func checkout() Page {
	return Page{Key: "a", Number: 1043, Service: "Payments", Summary: "Checkout answers 5xx", Severity: "critical",
		Since: night0.Add(-4 * time.Minute), NextWho: "Bob", NextAt: night0.Add(192 * time.Second)}
}

func other(key string, number uint64) Page {
	return Page{Key: key, Number: number, Service: "Search", Summary: "slow", Severity: "error", Since: night0}
}

func open(pages ...Page) Model { return Model{Hub: Hub{State: Connected}, Pages: pages} }

func TestOnePageSaysAllThatCounts(t *testing.T) {
	s := newStage(t)
	s.Render(open(checkout()))
	s.Raise()
	s.reads("CRITICAL", "Payments", "#1043", "Checkout answers 5xx", "Since 02:56 CET  ·  for 4 min", "Bob is paged in 3:12")
	s.later(time.Minute)
	s.reads("Since 02:56 CET  ·  for 5 min", "Bob is paged in 2:12")

	s.click("Acknowledge")
	s.click("Resolve")
	if got := s.sent(); !reflect.DeepEqual(got, []Intent{{Kind: Acknowledge, On: []Ref{{"a", 0}}}, {Kind: Resolve, On: []Ref{{"a", 0}}}}) {
		t.Errorf("sent %v", got)
	}
}

func TestALostHubIsNotSaidToPage(t *testing.T) {
	s := newStage(t)
	m := open(checkout())
	s.Render(m)
	s.Raise()
	s.reads("Bob is paged in 3:12")
	m.Hub = Hub{State: Lost, Since: night0}
	s.Render(m)
	s.reads("Bob was to be paged at 03:03 CET; the hub does not answer")
	s.later(4 * time.Minute)
	s.reads("Bob was to be paged at 03:03 CET; the hub does not answer")
	s.click("I can't")
	s.reads("Pass #1043 on? Bob is paged once the hub hears of it, and you no longer.")
	s.Render(open(checkout()))
	s.reads("Bob is being paged", "Pass #1043 on? Then Bob is paged now, and you no longer.")
}

func TestICantAsksFirst(t *testing.T) {
	s := newStage(t)
	s.Render(open(checkout()))
	s.later(time.Second)
	s.click("I can't")
	s.reads("Pass #1043 on? Then Bob is paged now, and you no longer.")
	if _, buttons := visible(s.win); buttons["Acknowledge"] != nil {
		t.Error("the question leaves the other buttons where a hasty click hits them")
	}
	s.click("Keep it")
	s.click("I can't")
	if got := s.sent(); len(got) != 0 {
		t.Fatalf("sent %v before it was confirmed", got)
	}
	s.click("Pass it on")
	if got := s.sent(); !reflect.DeepEqual(got, []Intent{{Kind: PassOn, On: []Ref{{"a", 0}}}}) {
		t.Errorf("sent %v", got)
	}
}

func TestUnconfirmedAcknowledgementSaysSo(t *testing.T) {
	s := newStage(t)
	p := checkout()
	p.State = AckUnconfirmed
	m := open(p)
	m.Hub = Hub{State: Lost, Since: night0}
	s.Render(m)
	s.reads("Acknowledged here. The hub does not know yet; Bob is paged at 03:03 CET.",
		"The hub has not answered since 03:00 CET. What you do here is kept and told later.")
	if _, buttons := visible(s.win); buttons["Acknowledge"] != nil || buttons["I can't"] != nil || buttons["Resolve"] == nil {
		t.Errorf("buttons %v", buttons)
	}
}

func TestClickMeantForSomethingElseDoesNothing(t *testing.T) {
	s := newStage(t)
	s.Render(open(checkout()))
	s.Raise()
	s.click("Acknowledge") // in the same instant: it was meant for what lay here before
	if got := s.sent(); len(got) != 0 {
		t.Errorf("sent %v", got)
	}
	s.later(settling)
	s.Render(open(other("b", 1044), checkout())) // the cards move under the pointer
	s.click("Acknowledge")
	if got := s.sent(); len(got) != 0 {
		t.Errorf("sent %v", got)
	}
	s.later(settling)
	p := checkout()
	p.Note = "changed" // nothing moves
	s.Render(open(other("b", 1044), p))
	s.click("Acknowledge")
	if got := s.sent(); len(got) != 1 {
		t.Errorf("sent %v", got)
	}
}

func TestKeysMeantForAnotherWindowDoNothing(t *testing.T) {
	s := newStage(t)
	s.Render(open(checkout()))
	s.Raise()
	s.later(time.Second)
	s.click("Acknowledge")
	s.sent()
	if f := s.win.Canvas().Focused(); f != nil {
		t.Errorf("a click leaves the focus on %T, where a key would press it", f)
	}
	for _, key := range []fyne.KeyName{fyne.KeySpace, fyne.KeyReturn, fyne.KeyEscape} {
		if typed := s.win.Canvas().OnTypedKey(); typed != nil {
			typed(&fyne.KeyEvent{Name: key})
		}
	}
	if got := s.sent(); len(got) != 0 {
		t.Errorf("sent %v", got)
	}
	// Somebody types for another window: "cd x", tabulator, Enter.
	s.win.Canvas().OnTypedRune()('x')
	s.win.Canvas().FocusNext()
	enter := &fyne.KeyEvent{Name: fyne.KeyReturn}
	s.win.Canvas().Focused().TypedKey(enter)
	s.win.Canvas().Focused().TypedRune('y')
	s.later(typing / 2)
	s.win.Canvas().Focused().TypedKey(enter)
	if got := s.sent(); len(got) != 0 {
		t.Errorf("sent %v", got)
	}
	s.later(typing)
	s.win.Canvas().Unfocus()
	// Who chooses a button with the tabulator means it.
	s.win.Canvas().FocusNext()
	s.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got := s.sent(); len(got) != 1 || got[0].Kind != Acknowledge {
		t.Errorf("sent %v", got)
	}
}

func TestTouchedMeansThatSomebodyIsThere(t *testing.T) {
	s := newStage(t)
	s.Render(open(checkout()))
	s.Raise()
	touches := func() (n int) {
		for _, i := range s.got {
			if i.Kind == Touched {
				n++
			}
		}
		s.got = nil
		return n
	}
	move := func(x, y float32) { test.MoveMouse(s.win.Canvas(), fyne.NewPos(x, y)) }
	move(100, 100)
	move(100, 100)
	if n := touches(); n != 0 {
		t.Errorf("%d touches from a pointer that only lay there", n)
	}
	move(120, 100)
	move(300, 200)
	if n := touches(); n != 1 {
		t.Errorf("%d touches told, want one", n)
	}
	s.Render(open(checkout(), other("b", 1044)))
	move(100, 100)
	move(150, 150)
	if n := touches(); n != 1 {
		t.Errorf("%d touches after another page, want one", n)
	}
}

func TestCloseOnlyHides(t *testing.T) {
	s := newStage(t)
	s.Raise()
	if s.Visible() {
		t.Error("it is up with nothing to show")
	}
	s.Render(open(checkout()))
	if s.Visible() {
		t.Error("it came up unasked")
	}
	s.Raise()
	if !s.Visible() {
		t.Fatal("it is not up")
	}
	s.closed()
	if got := s.sent(); s.Visible() || !reflect.DeepEqual(got, []Intent{{Kind: Hide}}) {
		t.Errorf("up %v, sent %v", s.Visible(), got)
	}
	s.Raise()
	if !s.Visible() {
		t.Error("it does not come back")
	}
	s.Render(open())
	if s.Visible() || len(s.sent()) != 0 {
		t.Error("with no pages left it must go by itself, and that is no wish of the person")
	}
}

func TestEqualModelIsNotDrawnAgain(t *testing.T) {
	s := newStage(t)
	s.Render(open(checkout()))
	s.draws = 0
	for range 100 {
		s.Render(open(checkout()))
	}
	if s.draws != 0 {
		t.Errorf("drawn %d times", s.draws)
	}
}

func TestTextFromOutsideIsOnlyText(t *testing.T) {
	s := newStage(t)
	p := checkout()
	p.Service = "\x1b[31m" + strings.Repeat("long ", 1000)
	p.Summary = "# no *markdown* [link](https://x)\n" + strings.Repeat("W", 100000)
	p.RunbookURL = "file:///etc/passwd"
	p.Links = []Link{{"javascript:alert(1)", "a"}, {"https://ok.example/x", "Good\u202e"}, {"https:nohost", "b"}}
	p.Details = []Detail{{"<b>n\x00", "v\n\x1b"}}
	s.Render(open(p))
	s.later(time.Second)
	texts, buttons := visible(s.win)
	all := strings.Join(texts, "\n")
	for _, bad := range []string{"\x1b", "\u202e", "\x00"} {
		if strings.Contains(all, bad) {
			t.Errorf("%q reaches the screen", bad)
		}
	}
	if !strings.Contains(all, "# no *markdown* [link](https://x) W") {
		t.Error("the summary is not shown as it came")
	}
	if buttons["Good·  ›"] == nil || len(buttons) != 5 {
		t.Errorf("buttons %v", buttons)
	}
	if size := s.win.Content().MinSize(); size.Width > alarmWidth || s.fitted > alarmHeight {
		t.Errorf("the window wants %v, fitted to %v", size, s.fitted)
	}
	s.click("Details  ▾")
	s.reads("<b>n^@", "v\n^[")
	s.click("Details  ▴")
	if texts, _ := visible(s.win); slices.Contains(texts, "v\n^[") {
		t.Error("the details do not fold")
	}
}

func TestManyPagesAreListedInOrderAndKeepTheirState(t *testing.T) {
	s := newStage(t)
	a, b := checkout(), other("b", 1044)
	a.Details = []Detail{{"region", "eu"}}
	s.Render(open(a, b))
	s.later(time.Second)
	s.reads("2 incidents are open for you", "#1043", "#1044")
	s.click("Details  ▾")
	s.reads("region", "eu")
	c := other("c", 1045)
	s.Render(open(c, a, b))
	s.reads("3 incidents are open for you", "eu")
	texts, _ := visible(s.win)
	var order []string
	for _, text := range texts {
		if strings.HasPrefix(text, "#") {
			order = append(order, text)
		}
	}
	if order = slices.Compact(order); !slices.Equal(order, []string{"#1045", "#1043", "#1044"}) {
		t.Errorf("order %v", order)
	}
	s.Render(open(a))
	s.reads("eu", "Bob is paged in 3:11")
	if s.fitted > alarmHeight {
		t.Errorf("height %v", s.fitted)
	}
}
