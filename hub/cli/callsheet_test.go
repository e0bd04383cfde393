package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tocsin/hub/fault"
)

func TestACallSheetThatCannotBeWrittenSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	missing, taken := filepath.Join(dir, "none", "sheet.html"), filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		missing: "The call sheet cannot be written to " + missing + ": there is no folder " + filepath.Dir(missing) + ". Make it, or give --html another path.",
		taken:   "The call sheet cannot be written to " + taken + ": file exists. Give --html another path.",
	} {
		got := fault.Sentence(replaceFile(name, []byte("sheet")))
		if got != want || strings.Contains(got, ".callsheet-") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
