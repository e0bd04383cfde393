package e2e

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// figures skips what only measures, unless TOCSIN_FIGURES is set. It holds
// nothing to a limit: on a shared machine only the ratios mean something.
func figures(t *testing.T) {
	t.Helper()
	if os.Getenv("TOCSIN_FIGURES") == "" {
		t.Skip("set TOCSIN_FIGURES to measure")
	}
}

// bare is a program of the same toolkit that does nothing.
type bare struct {
	*process
	desk *desk
	in   io.Writer
}

func (d *desk) bare() *bare {
	d.t.Helper()
	path := filepath.Join(d.dir, "bare")
	if out, err := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path, "./testdata/bare").CombinedOutput(); err != nil {
		d.t.Fatalf("build: %v: %s", err, out)
	}
	cmd := d.command(path)
	in, err := cmd.StdinPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	return &bare{process: start(d.t, "bare program", cmd), desk: d, in: in}
}

func (b *bare) tell(word string) {
	b.t.Helper()
	if _, err := fmt.Fprintln(b.in, word); err != nil {
		b.t.Fatal(err)
	}
}

// show answers how long the window takes to come up.
func (b *bare) show() time.Duration {
	b.t.Helper()
	asked := time.Now()
	b.tell("show")
	var w window
	waitFor(b.t, "the bare window is up", func() bool {
		var ok bool
		w, ok = b.desk.find(b.cmd.Process.Pid, "Bare")
		return ok && b.desk.viewable(w)
	})
	return b.desk.mappedAt(w).Sub(asked)
}

func (b *bare) hide() {
	b.t.Helper()
	b.tell("hide")
	waitFor(b.t, "the bare window is gone", func() bool { _, up := b.desk.find(b.cmd.Process.Pid, "Bare"); return !up })
}

func median(all []time.Duration) string {
	slices.Sort(all)
	return fmt.Sprintf("median %v (%v to %v, %d runs)", all[len(all)/2].Round(time.Millisecond),
		all[0].Round(time.Millisecond), all[len(all)-1].Round(time.Millisecond), len(all))
}

func TestFiguresFromAnAcceptedEventToAMappedWindow(t *testing.T) {
	figures(t)
	h := story{}.hub(t)
	d := newDesk(t)
	d.panel()
	ada, least := d.seat(h, "ada"), d.bare()
	var mapped, drawn, bare []time.Duration
	for n := 1; n <= 15; n++ {
		h.send("trigger", fmt.Sprint(n), "The database is down")
		accepted := time.Now()
		w := ada.alarm()
		drawn = append(drawn, time.Since(accepted))
		mapped = append(mapped, d.mappedAt(w).Sub(accepted))
		h.cli("ack", fmt.Sprint(n), "--as", "ada")
		d.awaitGone(w)

		bare = append(bare, least.show())
		least.hide()
	}
	t.Logf("the first of each: event accepted to window mapped %v, drawn %v; bare program %v", mapped[0], drawn[0], bare[0])
	t.Logf("event accepted to window mapped: %s", median(mapped))
	t.Logf("event accepted to window drawn, as seen every 20 ms at best: %s", median(drawn))
	t.Logf("bare program asked to window mapped: %s", median(bare))
}

// rest is what a program takes that does nothing.
type rest struct {
	cpu      float64 // of a core
	pss, rss int     // KiB
}

func (r rest) String() string {
	return fmt.Sprintf("%.2f %% of a core, %d MiB proportional, %d MiB resident", 100*r.cpu, r.pss/1024, r.rss/1024)
}

// ticks is the processor time of a process so far, in hundredths of a second.
func (p *process) ticks() int {
	p.t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return user + system
}

func (p *process) memory(kind string) int {
	p.t.Helper()
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(rollup)) {
		if name, value, _ := strings.Cut(line, ":"); name == kind {
			kib, _ := strconv.Atoi(strings.Fields(value)[0])
			return kib
		}
	}
	return 0
}

// atRest looks at several processes over the same stretch of time.
func atRest(of ...*process) []rest {
	const stretch = 20 * time.Second
	before := make([]int, len(of))
	<-time.After(stretch / 4) // to settle
	began := time.Now()
	for i, p := range of {
		before[i] = p.ticks()
	}
	<-time.After(stretch)
	var out []rest
	for i, p := range of {
		cpu := float64(p.ticks()-before[i]) / 100 / time.Since(began).Seconds()
		out = append(out, rest{cpu: cpu, pss: p.memory("Pss"), rss: p.memory("Rss")})
	}
	return out
}

func TestFiguresOfAnAgentAtRest(t *testing.T) {
	figures(t)
	h := story{}.hub(t)
	d := newDesk(t)
	d.panel()
	ada, least := d.seat(h, "ada"), d.bare()
	compare := func(when string) {
		all := atRest(ada.process, least.process)
		t.Logf("%s: agent %v", when, all[0])
		t.Logf("%s: bare  %v", when, all[1])
	}
	compare("before the first window")
	h.send("trigger", "k", "The database is down")
	w := ada.alarm()
	least.show()
	compare("window up, alarming")
	h.cli("ack", "1", "--as", "ada")
	d.awaitGone(w)
	least.hide()
	compare("window hidden again")
}
