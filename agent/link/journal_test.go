package link

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"tocsin/agent/inbox"
	"tocsin/agent/settings"
)

var someState = inbox.Durable{
	HubName: "Example Health",
	Pages:   []inbox.Held{{Page: inbox.Page{Key: payments, Version: 3, PagedAt: paged, AlsoPaged: []string{"Bob"}}, SeenAt: paged, Told: 5}},
	Outbox:  []inbox.Report{{Stamp: inbox.Stamp{ID: "r1", Boot: "b", Uptime: time.Second}, Page: payments, Command: inbox.Acknowledge, Made: paged}},
	Roster:  inbox.Roster{Until: paged},
}

func TestTheJournalComesBackAsItWas(t *testing.T) {
	j := journal{path: filepath.Join(t.TempDir(), "journal"), device: "d1"}
	if got, warning, err := j.load(paged); err != nil || warning != "" || !reflect.DeepEqual(got, inbox.Durable{}) {
		t.Fatalf("at first: %v, %q, %v", got, warning, err)
	}
	if err := j.save(someState); err != nil {
		t.Fatal(err)
	}
	if got, warning, err := j.load(paged); err != nil || warning != "" || !reflect.DeepEqual(got, someState) {
		t.Errorf("got %+v, %q, %v", got, warning, err)
	}
}

func TestAnUnusableJournalIsKeptAside(t *testing.T) {
	good, err := encodeJournal(journalContent{Device: "d1", State: someState})
	if err != nil {
		t.Fatal(err)
	}
	other, err := encodeJournal(journalContent{Device: "d0", State: someState})
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Replace(good, []byte("Example"), []byte("Exbmple"), 1)
	for _, c := range []struct {
		name, says string
		file       []byte
	}{
		{"empty", "another format", nil},
		{"cut off", "check sum", good[:len(good)-1]},
		{"one letter changed", "check sum", flipped},
		{"of a later version", "another format", bytes.Replace(good, []byte("journal 1"), []byte("journal 2"), 1)},
		{"of an earlier enrolment", "earlier enrolment", other},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := journal{path: filepath.Join(t.TempDir(), "journal"), device: "d1"}
			if err := os.WriteFile(j.path, c.file, 0o600); err != nil {
				t.Fatal(err)
			}
			got, warning, err := j.load(paged)
			if err != nil || !reflect.DeepEqual(got, inbox.Durable{}) || !strings.Contains(warning, c.says) {
				t.Fatalf("got %v, %q, %v", got, warning, err)
			}
			aside, _ := filepath.Glob(j.path + ".aside-*")
			if len(aside) != 1 {
				t.Fatalf("aside: %v", aside)
			}
			if kept, _ := os.ReadFile(aside[0]); !bytes.Equal(kept, c.file) {
				t.Error("what is aside is not what was there")
			}
		})
	}
}

// TestKilledWhileWriting kills a process that does nothing but save, at random
// instants, and reads what it left: the last state that it said was saved, or
// the one that it was saving.
func TestKilledWhileWriting(t *testing.T) {
	if path := os.Getenv("TOCSIN_TEST_JOURNAL"); path != "" {
		saveForever(path)
	}
	for range 10 {
		path := filepath.Join(t.TempDir(), "journal")
		writer := exec.Command(os.Args[0], "-test.run=^TestKilledWhileWriting$")
		writer.Env = append(os.Environ(), "TOCSIN_TEST_JOURNAL="+path)
		out, err := writer.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		lines, said := bufio.NewScanner(out), 0
		for kill := rand.IntN(50) + 1; said < kill && lines.Scan(); {
			fmt.Sscan(lines.Text(), &said)
		}
		writer.Process.Kill()
		for lines.Scan() {
			fmt.Sscan(lines.Text(), &said)
		}
		writer.Wait()
		got, warning, err := journal{path: path, device: "d1"}.load(paged)
		if err != nil || warning != "" {
			t.Fatalf("after %d saves: %q, %v", said, warning, err)
		}
		if n := len(got.Outbox); n != said && n != said+1 {
			t.Fatalf("said that %d reports are saved, found %d", said, n)
		}
	}
}

func saveForever(path string) {
	j, state := journal{path: path, device: "d1"}, someState
	state.Outbox = nil
	for n := 1; ; n++ {
		state.Outbox = append(state.Outbox, someState.Outbox[0])
		if err := j.save(state); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// FuzzJournal feeds bytes as the whole file and, so that the check sum does not
// keep them from the parser, as a body with the right sum.
func FuzzJournal(f *testing.F) {
	good, err := encodeJournal(journalContent{Device: "d1", State: someState})
	if err != nil {
		f.Fatal(err)
	}
	_, body, _ := bytes.Cut(good, []byte("\n"))
	f.Add(good)
	f.Add(body)
	f.Add([]byte(journalFormat))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, input []byte) {
		for _, file := range [][]byte{input, sealed(input)} {
			c, err := decodeJournal(file)
			if err != nil {
				continue
			}
			again, err := encodeJournal(c)
			if err != nil {
				t.Fatal(err)
			}
			back, err := decodeJournal(again)
			if err != nil || !reflect.DeepEqual(back, c) {
				t.Fatalf("%+v came back as %+v, %v", c, back, err)
			}
			// What was read must be of use to the inbox.
			inbox.Reduce(inbox.State{}, inbox.Started{Journal: c.State}, paged)
		}
	})
}

// enrolled is a settings.Profile for tests that need no more.
func enrolled(t *testing.T) settings.Profile {
	t.Helper()
	p, err := settings.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return p
}
