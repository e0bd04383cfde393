package app

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A hub that is killed leaves the file as somebody else could have read it a moment
// before, and without its key no hub starts there again.
func TestAnAuditKeyIsWholeOrNotThere(t *testing.T) {
	f := &folder{path: t.TempDir()}
	file := filepath.Join(f.path, "audit.key")
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			text, err := os.ReadFile(file)
			switch {
			case errors.Is(err, fs.ErrNotExist):
			case err == nil && len(text) != 65:
				err = errors.New("somebody else reads: " + string(text))
				fallthrough
			case err != nil:
				done <- err
				return
			}
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
		}
	}()
	for range 100 {
		made, err := f.readAuditKey()
		if err != nil {
			t.Fatal(err)
		}
		if read, err := f.readAuditKey(); err != nil || !bytes.Equal(read, made) {
			t.Fatalf("%x was made and %x is read, %v", made, read, err)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAHubKilledWhileItMadeItsAuditKeyMakesOneAtItsNextStart(t *testing.T) {
	f := &folder{path: t.TempDir()}
	if err := os.WriteFile(filepath.Join(f.path, "audit.key.new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := f.readAuditKey(); err != nil || len(key) != 32 {
		t.Errorf("%x %v", key, err)
	}
}
