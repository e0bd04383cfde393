package settings

import (
	"os"
	"testing"
	"time"
)

func TestTheCallSheetIsKeptAndReadable(t *testing.T) {
	p, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if none, err := p.CallSheet(); err != nil || none != (CallSheet{}) {
		t.Errorf("before there is one: %+v, %v", none, err)
	}
	want := CallSheet{MadeAt: time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC), Text: "Primary\n  Ada  +49 30 1234\n"}
	for range 2 {
		if err := p.KeepCallSheet(want); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := p.CallSheet(); err != nil || got != want {
		t.Errorf("read %+v, %v", got, err)
	}
	if info, err := os.Stat(p.CallSheetFile()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(p.CallSheetFile(), []byte("call Bob"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := p.CallSheet(); err != nil || got.Text != "call Bob" || !got.MadeAt.IsZero() {
		t.Errorf("written in by hand: %+v, %v", got, err)
	}
	if err := p.DropCallSheet(); err != nil {
		t.Error(err)
	}
	if err := p.DropCallSheet(); err != nil {
		t.Errorf("dropped twice: %v", err)
	}
	if got, _ := p.CallSheet(); got != (CallSheet{}) {
		t.Errorf("still there: %+v", got)
	}
}
