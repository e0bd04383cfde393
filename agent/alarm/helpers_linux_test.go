package alarm

import (
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// need skips a test whose programs are not installed; on CI they must be.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err == nil {
			continue
		} else if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed", p)
		}
		t.Skipf("%s is not installed", p)
	}
}

// spawn starts a program that ends with the test, or with the test's process
// if that dies.
func spawn(t *testing.T, env []string, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() && said.Len() > 0 {
			t.Logf("%s said: %s", name, said.String())
		}
	})
	return cmd
}

// eventually waits until ok holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := time.After(15 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("never: %s", what)
		}
	}
}

// recorder keeps what a callback was told.
type recorder[T any] struct{ ch chan T }

func record[T any]() recorder[T] { return recorder[T]{make(chan T, 100)} }

func (r recorder[T]) put(v T) { r.ch <- v }

// await returns the first recorded value that fits.
func (r recorder[T]) await(t *testing.T, what string, fits func(T) bool) T {
	t.Helper()
	late := time.After(15 * time.Second)
	for {
		select {
		case v := <-r.ch:
			if fits(v) {
				return v
			}
			t.Logf("waiting until %s; got %+v", what, v)
		case <-late:
			t.Fatalf("never: %s", what)
		}
	}
}
