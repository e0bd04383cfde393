package ui

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

func storming(n int) []Page {
	var out []Page
	for i := n; i > 0; i-- {
		p := other(fmt.Sprint("k", i), uint64(1000+i))
		p.Opening = uint32(i)
		out = append(out, p)
	}
	return out
}

func refsOf(pages []Page) (out []Ref) {
	for _, p := range pages {
		out = append(out, p.Ref())
	}
	return out
}

func finger(b *button, down bool) {
	if down {
		b.MouseDown(&desktop.MouseEvent{})
	} else {
		b.MouseUp(&desktop.MouseEvent{})
		b.Tapped(nil)
	}
}

func TestManyPagesAreOneListWithOneButton(t *testing.T) {
	s := newStage(t)
	pages := storming(37)
	s.Render(open(pages...))
	s.Raise()
	s.reads("37 incidents are open for you", "Acknowledge all 37", "#1037  ·  since 03:00 CET", "Search: slow")
	s.later(time.Second)
	s.click("Acknowledge all 37")
	if got := s.sent(); !reflect.DeepEqual(got, []Intent{On(Acknowledge, refsOf(pages)...)}) {
		t.Errorf("sent %v", got)
	}
}

func TestAPageThatComesUnderTheFingerIsNotAcknowledged(t *testing.T) {
	s := newStage(t)
	s.Render(open(storming(10)...))
	s.Raise()
	s.later(time.Second)
	finger(s.storm.all, true)
	s.later(100 * time.Millisecond)
	s.Render(open(storming(11)...))
	s.reads("11 incidents are open for you", "Acknowledge all 10")
	s.later(time.Second) // a slow finger
	finger(s.storm.all, false)
	if got := s.sent(); !reflect.DeepEqual(got, []Intent{On(Acknowledge, refsOf(storming(10))...)}) {
		t.Errorf("sent %v", got)
	}
	s.reads("Acknowledge all 11")

	// What came so shortly before that nobody can have read it is not meant.
	s.Render(open(storming(12)...))
	s.later(settling / 2)
	finger(s.storm.all, true)
	finger(s.storm.all, false)
	if got := s.sent(); !reflect.DeepEqual(got, []Intent{On(Acknowledge, refsOf(storming(11))...)}) {
		t.Errorf("sent %v", got)
	}
}

func TestAnEndlessStormLeavesTheButtonUsable(t *testing.T) {
	s := newStage(t)
	s.Render(open(storming(10)...))
	s.Raise()
	s.later(time.Second)
	for n := 11; n < 60; n++ {
		s.Render(open(storming(n)...))
		s.later(100 * time.Millisecond)
	}
	finger(s.storm.all, true)
	finger(s.storm.all, false)
	got := s.sent()
	if len(got) != 1 || len(got[0].On) < 50 || len(got[0].On) > 58 {
		t.Errorf("sent %v", got)
	}
}

func TestAcknowledgeAllLeavesOutWhatIsADecisionOfItsOwn(t *testing.T) {
	s := newStage(t)
	pages := storming(9)
	pages[0].Cover = &CoverRequest{From: "Ada Adams", Start: night0, End: night0.Add(time.Hour)}
	pages[1].State = PassedOn
	pages[2].State = AckUnconfirmed
	pages[3].State = Escalated
	s.Render(open(pages...))
	s.Raise()
	s.later(time.Second)
	s.reads("7 incidents and 1 request are open for you", "Ada Adams asks you to take over their shifts")
	s.click("Acknowledge all 6")
	if got := s.sent(); !reflect.DeepEqual(got, []Intent{On(Acknowledge, refsOf(pages[3:])...)}) {
		t.Errorf("sent %v", got)
	}
	s.Render(open(pages[0], pages[1], pages[2]))
	if _, buttons := visible(s.win); buttons["Acknowledge all 6"] != nil {
		t.Error("a button for all of a few")
	}
}

func TestOneOfManyCanBeLookedAt(t *testing.T) {
	s := newStage(t)
	pages := storming(8)
	pages[2].Details = []Detail{{"region", "eu"}}
	s.Render(open(pages...))
	s.Raise()
	s.later(time.Second)
	s.look("k6")
	s.later(time.Second)
	s.reads("#1006", "Details  ▾", "I can't", "8 incidents are open for you")
	if _, buttons := visible(s.win); buttons["Acknowledge all 8"] != nil {
		t.Error("the button for all stands beside one page")
	}
	s.click("Acknowledge")
	if got := s.sent(); !reflect.DeepEqual(got, []Intent{On(Acknowledge, Ref{"k6", 6})}) {
		t.Errorf("sent %v", got)
	}
	s.click("‹  All 8")
	s.later(time.Second)
	s.reads("Acknowledge all 8")
	s.look("k6")
	s.Render(open(slices.Delete(slices.Clone(pages), 2, 3)...))
	s.reads("Acknowledge all 7")
}

func TestARowIsDeafForAMomentAfterItHasComeToMeanAnother(t *testing.T) {
	s := newStage(t)
	pages := storming(7)
	s.Render(open(pages...))
	s.Raise()
	s.later(time.Second)
	r := newRow(s.gate, s.AlarmWindow, func() time.Time { return s.at })
	r.bind(pages[0], Hub{State: Connected}, s.at)
	finger(r.ack, true)
	finger(r.ack, false)
	if got := s.sent(); len(got) != 0 {
		t.Errorf("sent %v", got)
	}
	s.later(settling)
	finger(r.ack, true)
	r.bind(pages[1], Hub{State: Connected}, s.at) // it moves under the finger
	s.later(settling)
	finger(r.ack, false)
	if got := s.sent(); len(got) != 0 {
		t.Errorf("sent %v", got)
	}
	finger(r.ack, true)
	finger(r.ack, false)
	if got := s.sent(); !reflect.DeepEqual(got, []Intent{On(Acknowledge, pages[1].Ref())}) {
		t.Errorf("sent %v", got)
	}
}

func TestTheWindowComingUpDoesNotTakeAClickForAll(t *testing.T) {
	s := newStage(t)
	s.Render(open(storming(20)...))
	s.later(time.Hour)
	s.Raise()
	s.click("Acknowledge all 20")
	if got := s.sent(); len(got) != 0 {
		t.Errorf("sent %v", got)
	}
}

func TestFiveHundredPagesAreDrawnOnlyAsFarAsTheyAreInView(t *testing.T) {
	s := newStage(t)
	s.Render(open(storming(500)...))
	s.Raise()
	texts, _ := visible(s.win)
	rows := 0
	for _, text := range texts {
		if strings.HasPrefix(text, "#") {
			rows++
		}
	}
	if rows < 5 || rows > 30 {
		t.Errorf("%d rows", rows)
	}
	s.storm.list.ScrollToBottom()
	s.reads("#1001  ·  since 03:00 CET")
}

func TestSomebodyAsksToBeRelieved(t *testing.T) {
	s := newStage(t)
	p := other("c", 9)
	p.Cover = &CoverRequest{From: "Ada <b>Adams", Start: night0.Add(-time.Minute), End: night0.Add(53 * time.Hour), Schedules: []string{"payments-primary"}}
	s.Render(open(p))
	s.Raise()
	s.later(time.Second)
	s.reads("COVER", "Ada <b>Adams asks you to take over payments-primary until Mon 23 Nov 08:00 CET", "If you take over, you are paged instead of Ada <b>Adams from now on.")
	if _, buttons := visible(s.win); buttons["Resolve"] != nil || buttons["Acknowledge"] != nil {
		t.Errorf("buttons %v", buttons)
	}
	s.click("Take over")
	s.click("I can't")
	if got := s.sent(); !reflect.DeepEqual(got, []Intent{On(Acknowledge, p.Ref()), On(PassOn, p.Ref())}) {
		t.Errorf("sent %v", got)
	}
}

func TestKeysChooseTheButtonForAll(t *testing.T) {
	s := newStage(t)
	s.Render(open(storming(8)...))
	s.Raise()
	s.later(time.Second)
	s.win.Canvas().FocusNext()
	if f, ok := s.win.Canvas().Focused().(*button); !ok || f != s.storm.all {
		t.Fatalf("the tabulator finds %v first", s.win.Canvas().Focused())
	}
	s.Render(open(storming(9)...))
	s.later(time.Second)
	s.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got := s.sent(); len(got) != 1 || len(got[0].On) != 9 {
		t.Errorf("sent %v", got)
	}
}
