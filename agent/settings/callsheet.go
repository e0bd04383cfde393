package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// CallSheet is who is on call in the next days, with numbers, as the hub last
// told it: for the hour in which the hub is gone.
type CallSheet struct {
	MadeAt time.Time
	Text   string
}

// CallSheetFile is the path of the call sheet: plain text, so that it can be
// read with anything when all else fails.
func (p Profile) CallSheetFile() string { return filepath.Join(p.State, "callsheet.txt") }

const sheetHead = "Call sheet made at "

// KeepCallSheet replaces the call sheet, durably. Only the user can read it. One
// without text leaves none: who has a part in nothing keeps nobody's numbers.
func (p Profile) KeepCallSheet(c CallSheet) error {
	if c.Text == "" {
		return p.DropCallSheet()
	}
	head := sheetHead + c.MadeAt.UTC().Format(time.RFC3339) + "\n\n"
	return WriteFile(p.CallSheetFile(), []byte(head+strings.TrimRight(c.Text, "\n")+"\n"))
}

// CallSheet reads the call sheet; a zero one: there is none. It needs no lock:
// the file is replaced as a whole.
func (p Profile) CallSheet() (CallSheet, error) {
	content, err := os.ReadFile(p.CallSheetFile())
	if errors.Is(err, fs.ErrNotExist) {
		return CallSheet{}, nil
	}
	if err != nil {
		return CallSheet{}, fmt.Errorf("reading the call sheet: %w", err)
	}
	head, text, _ := strings.Cut(string(content), "\n")
	stamp, ok := strings.CutPrefix(head, sheetHead)
	made, err := time.Parse(time.RFC3339, stamp)
	if !ok || err != nil {
		// Somebody wrote in it; numbers with no date are better than none.
		return CallSheet{Text: string(content)}, nil
	}
	return CallSheet{MadeAt: made, Text: strings.TrimPrefix(text, "\n")}, nil
}

// DropCallSheet removes the call sheet, as of a device that is signed out.
func (p Profile) DropCallSheet() error {
	if err := os.Remove(p.CallSheetFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the call sheet: %w", err)
	}
	return nil
}
