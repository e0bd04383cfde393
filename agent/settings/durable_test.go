package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

var errKilled = errors.New("killed")

// crashDisk is a file system on which the power fails after a number of steps.
// What was not synced may be lost, torn or kept: every such disk is a possible
// world after the crash.
type crashDisk struct {
	steps int // left until the crash
	// synced and volatile content by name; a rename is volatile until the
	// folder is synced.
	content map[string]*node
	names   map[string]*node // what the folder says on disk
}

type node struct{ synced, written string }

func newCrashDisk(old string, steps int) *crashDisk {
	n := &node{synced: old, written: old}
	return &crashDisk{steps: steps, content: map[string]*node{"journal": n}, names: map[string]*node{"journal": n}}
}

func (d *crashDisk) step() error {
	if d.steps == 0 {
		return errKilled
	}
	d.steps--
	return nil
}

func (d *crashDisk) Create(path string) (file, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	n := &node{}
	d.content[path] = n
	return &crashFile{d, n}, nil
}

func (d *crashDisk) Rename(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	d.content[to] = d.content[from]
	delete(d.content, from)
	return nil
}

func (d *crashDisk) SyncFolder(string) error {
	if err := d.step(); err != nil {
		return err
	}
	d.names["journal"] = d.content["journal"]
	return nil
}

type crashFile struct {
	d *crashDisk
	n *node
}

// Write goes byte by byte, so that the crash can come in the middle.
func (f *crashFile) Write(b []byte) (int, error) {
	for i, c := range b {
		if err := f.d.step(); err != nil {
			return i, err
		}
		f.n.written += string(c)
	}
	return len(b), nil
}

func (f *crashFile) Sync() error {
	if err := f.d.step(); err != nil {
		return err
	}
	f.n.synced = f.n.written
	return nil
}

func (f *crashFile) Close() error { return f.d.step() }

// worlds answers what the journal may hold after the crash.
func (d *crashDisk) worlds() (contents []string) {
	for _, n := range []*node{d.names["journal"], d.content["journal"]} {
		contents = append(contents, n.synced)
		for cut := len(n.synced); cut <= len(n.written); cut++ {
			contents = append(contents, n.written[:cut])
		}
	}
	return contents
}

func TestAKillAtAnyStepLeavesTheOldOrTheNew(t *testing.T) {
	const old, fresh = "old content", "the new one"
	for steps := 0; ; steps++ {
		d := newCrashDisk(old, steps)
		err := replace(d, "journal", []byte(fresh))
		for _, got := range d.worlds() {
			if got != old && got != fresh {
				t.Fatalf("killed after %d steps: the file may hold %q", steps, got)
			}
			if err == nil && got != fresh {
				t.Fatalf("said done, and the file may hold %q", got)
			}
		}
		if err == nil {
			return
		}
	}
}

func TestWriteFileOnARealDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	for i := range 3 {
		want := fmt.Sprint("content ", i)
		if err := WriteFile(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Fatalf("read %q, %v", got, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := WriteFile(filepath.Join(path, "no", "folder"), nil); err == nil {
		t.Error("no error without a folder")
	}
}
