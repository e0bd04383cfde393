package cli_test

import (
	"bytes"
	"context"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tocsin/hub/app"
	"tocsin/hub/cli"
	"tocsin/hub/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

const roster = "testdata/roster.yaml"

// result is what came of a command line.
type result struct {
	out, err string
	code     int
}

// run carries out a command line.
func run(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(stdin), Out: &out, Err: &errs})
	return result{out.String(), errs.String(), code}
}

// must runs a command that has to succeed, and gives what it printed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	r := run(t, "", args...)
	if r.code != 0 {
		t.Fatalf("hub %s: exit %d: %s%s", strings.Join(args, " "), r.code, r.out, r.err)
	}
	return r.out
}

// refused runs a command that has to fail and say a text.
func refused(t *testing.T, text string, args ...string) {
	t.Helper()
	if r := run(t, "", args...); r.code == 0 || !strings.Contains(r.err, text) {
		t.Errorf("hub %s: exit %d, %q; want it to say %q", strings.Join(args, " "), r.code, r.err, text)
	}
}

// golden compares a text with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// hub is a real hub that runs in this process.
type hub struct {
	*testing.T
	data, url string
}

func startHub(t *testing.T) hub {
	t.Helper()
	data, err := os.MkdirTemp("", "hub") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	running, err := app.Open(t.Context(), config.Config{Listen: "127.0.0.1:0", Data: data}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- running.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(data); err != nil {
			t.Error(err)
		}
	})
	return hub{t, data, running.URL()}
}

// must runs a command against the hub.
func (h hub) must(args ...string) string {
	h.Helper()
	return must(h.T, append(args, "--data", h.data)...)
}

// apply applies a file.
func (h hub) apply(file string) string {
	h.Helper()
	r := run(h.T, file, "apply", "-f", "-", "--data", h.data)
	if r.code != 0 {
		h.Fatalf("apply: %s", r.err)
	}
	return r.out + r.err
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// refused runs a command that the hub has to refuse, saying a text.
func (h hub) refused(text string, args ...string) {
	h.Helper()
	refused(h.T, text, append(args, "--data", h.data)...)
}

func TestAWrongLineNamesTheWholeCommandAndLengthsOfTimeTakeDays(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"shift", "take"}, "See: hub shift take --help"},
		{[]string{"maintenance", "add", "web", "--nosuch"}, "See: hub maintenance add --help"},
		{[]string{"nosuch"}, "See: hub --help"},
		{[]string{"snooze", "1", "--for", "abc"}, `--for: "abc": expected a length of time such as 90s, 30m, 2h or 7d`},
		{[]string{"snooze", "1", "--for"}, "--for: expected a length of time"},
		{[]string{"snooze", "1", "--for", "-5m"}, "--for: -5m0s is no length of time to come"},
		{[]string{"snooze", "1", "--for", "7d", "--data", "/nonexistent"}, "no hub runs"},
	} {
		var out, wrong strings.Builder
		if code := cli.Run(context.Background(), c.args, cli.Streams{Out: &out, Err: &wrong}); code == 0 || !strings.Contains(wrong.String(), c.want) {
			t.Errorf("hub %s: %d, %s", strings.Join(c.args, " "), code, wrong.String())
		}
	}
}

func TestTheHelpOfEveryCommandHasAnExample(t *testing.T) {
	listed := regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z]+)?) {2,}[A-Z]`).FindAllStringSubmatch(must(t, "--help"), -1)
	if len(listed) < 50 {
		t.Fatalf("only %d commands are listed", len(listed))
	}
	for _, c := range listed {
		example := regexp.MustCompile(`(?m)^ +hub ` + c[1] + `( |$)`)
		if help := must(t, append(strings.Fields(c[1]), "--help")...); c[1] != "version" && !example.MatchString(help) {
			t.Errorf("hub %s --help has none:\n%s", c[1], help)
		}
	}
}
