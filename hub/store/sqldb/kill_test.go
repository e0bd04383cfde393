package sqldb_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
)

// The child of the kill test is this test's own program, told by the first of
// these variables which file to write to; the second says how many kills.
const (
	childFile = "TOCSIN_KILL_TEST_FILE"
	killCount = "TOCSIN_KILLS"
)

var (
	killKey  = []byte(strings.Repeat("k", 32))
	killTime = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
)

func TestMain(m *testing.M) {
	if file := os.Getenv(childFile); file != "" {
		commitForever(file)
	}
	os.Exit(m.Run())
}

// commitForever opens and changes incidents from several sides, and says on
// standard output what was committed.
func commitForever(file string) {
	db, err := sqldb.Open(context.Background(), file, killKey)
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	for w := range 4 {
		go func() {
			for n := 0; ; n++ {
				line, err := commitOne(db, fmt.Sprintf("%d-%d-%d", os.Getpid(), w, n))
				if err != nil {
					fmt.Println("commit:", err)
					os.Exit(1)
				}
				fmt.Println(line)
			}
		}()
	}
	select {}
}

// commitOne makes an incident with two entries, then adds one; its line names
// it and says how many entries are on disk.
func commitOne(db store.Store, id string) (string, error) {
	entries := []incident.Entry{{At: killTime, Kind: incident.KindTriggered}, {At: killTime, Kind: incident.KindPaged}}
	r := store.Record{Incident: incident.Incident{ID: incident.ID(id), Status: incident.Triggered, TriggeredAt: killTime, FirstAt: killTime}}
	err := db.Update(context.Background(), func(tx store.Tx) (err error) {
		r, err = tx.Create(r, entries)
		return err
	})
	if err != nil || rand.IntN(2) == 0 {
		return id + " 2", err
	}
	return id + " 3", db.Update(context.Background(), func(tx store.Tx) error {
		_, err := tx.Save(r, r, entries[:1])
		return err
	})
}

func TestWhatWasAcknowledgedSurvivesKills(t *testing.T) {
	kills := 20
	if n, err := strconv.Atoi(os.Getenv(killCount)); err == nil {
		kills = n
	}
	file := filepath.Join(t.TempDir(), "hub.db")
	acknowledged := map[incident.ID]int{}
	for range kills {
		for _, line := range killed(t, file) {
			id, entries, ok := strings.Cut(line, " ")
			n, err := strconv.Atoi(entries)
			if !ok || err != nil {
				t.Fatalf("the child said %q", line)
			}
			acknowledged[incident.ID(id)] = n
		}
		survived(t, file, acknowledged)
	}
	t.Logf("%d kills, %d incidents acknowledged", kills, len(acknowledged))
	if len(acknowledged) == 0 {
		t.Error("nothing was ever acknowledged")
	}
}

// killed runs a child and kills it at a random instant. It answers the lines
// that the child finished.
func killed(t *testing.T, file string) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFile+"="+file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// Somewhere within a number of commits, or before the first.
	after := rand.IntN(60)
	var once sync.Once
	kill := func() {
		once.Do(func() {
			for range rand.IntN(200) {
				runtime.Gosched()
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(kill)
	var lines []string
	for r := bufio.NewReader(out); ; {
		if len(lines) >= after {
			kill()
		}
		line, err := r.ReadString('\n')
		if err == io.EOF {
			break // what is not a whole line was not acknowledged
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	_ = cmd.Wait() // it was killed
	return lines
}

// survived checks that everything acknowledged is there, whole, and nothing is
// there by half.
func survived(t *testing.T, file string, acknowledged map[incident.ID]int) {
	t.Helper()
	db, err := sqldb.Open(context.Background(), file, killKey)
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(context.Background(), func(tx store.Tx) error {
		for id, want := range acknowledged {
			if entries, err := tx.Timeline(id); err != nil || len(entries) < want {
				t.Errorf("%s has %d entries (%v), %d were acknowledged", id, len(entries), err, want)
			}
			if _, err := tx.Load(id); err != nil {
				t.Error(err)
			}
		}
		audit, err := tx.Verify()
		if len(audit.Problems) > 0 {
			t.Errorf("the timelines do not verify: %v", audit.Problems)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
