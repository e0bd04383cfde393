// Command agent alarms an engineer: it watches a Tocsin hub and makes sure that
// a page is heard, seen and answered.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"fyne.io/fyne/v2/app"
	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"tocsin/agent/desktop"
	"tocsin/agent/headless"
	"tocsin/agent/link"
	"tocsin/agent/settings"
	"tocsin/shared/build"
)

type options struct {
	Hub      string           `help:"Address of the hub to enrol with." placeholder:"URL"`
	Code     string           `help:"One-time enrolment code, from the web UI or 'hub enroll USER'. Given again, it is ignored." placeholder:"CODE"`
	Headless bool             `help:"Alarm in this terminal; no windows."`
	Profile  string           `help:"Keep everything of this agent in DIR; for a second agent." placeholder:"DIR" type:"path"`
	Version  kong.VersionFlag `help:"Print the version and exit."`

	Run       struct{} `cmd:"" default:"1" help:"Alarm, until ended. This is what agent does when not told otherwise."`
	Callsheet struct{} `cmd:"" help:"Print who is on call in the next days, with numbers, as the hub last told it. Needs no hub."`
}

const about = `Alarms you when you are paged, until you have acknowledged.

Examples:
  agent --hub https://tocsin.example.org --code S4DYQ-OWRDY-EHJ3C-FE77O    enrol this device, then run
  agent                                                                    run in the desktop's tray
  agent --headless                                                         run in a terminal
  agent callsheet                                                          whom to ring when the hub is gone
  agent --headless --profile /tmp/second --hub URL --code CODE             a second one beside it
`

// shutdown is what an end may take, as whoever sends a signal sends SIGKILL
// next, and Fyne does not always come to its end. The journal does not wait for
// it: what was shown as done is on disk.
const shutdown = 1800 * time.Millisecond

func main() {
	var o options
	parser := kong.Must(&o, kong.Name("agent"), kong.Description(about), kong.Vars{"version": "agent " + build.Version()})
	parsed, err := parser.Parse(asked(os.Args[1:]))
	if err != nil {
		fmt.Fprintln(os.Stderr, "agent: "+link.Sentence(err)+" For what it takes: agent --help")
		os.Exit(2)
	}
	if parsed.Command() == "callsheet" {
		if err := callSheet(o.Profile); err != nil {
			fmt.Fprintln(os.Stderr, "agent: "+link.Sentence(err))
			os.Exit(1)
		}
		return
	}
	// A reader of our output that goes away must not take the alarm with it.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	ctx, quit := context.WithCancel(ctx)
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends it at once
		time.AfterFunc(shutdown, func() { os.Exit(0) })
	})
	err = run(ctx, quit, o)
	if err != nil && !errors.Is(err, link.ErrSignedOut) { // that was said where the alarms are
		fmt.Fprintln(os.Stderr, "agent: "+link.Sentence(err))
	}
	if err != nil {
		os.Exit(1)
	}
	fmt.Println("Goodbye.")
}

// asked takes "agent help" for what it means.
func asked(args []string) []string {
	if len(args) == 1 && args[0] == "help" {
		return []string{"--help"}
	}
	return args
}

// callSheet prints the call sheet. An agent may run with the profile meanwhile.
func callSheet(dir string) error {
	profile, err := settings.Open(dir)
	if err != nil {
		return err
	}
	sheet, err := profile.CallSheet()
	if err != nil {
		return err
	}
	fmt.Print(headless.CallSheet(sheet, time.Now(), time.Local))
	return nil
}

func run(ctx context.Context, quit func(), o options) error {
	profile, err := settings.Open(o.Profile)
	if err != nil {
		return err
	}
	unlock, err := profile.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	session, err := link.Open(ctx, link.Opening{
		Profile: profile, Keys: settings.SystemKeyStore(), Hub: o.Hub, Code: o.Code,
		Version: build.Version(), Say: say,
	})
	if ctx.Err() != nil {
		return nil // ended while enrolling
	}
	if err != nil {
		return err
	}
	if !o.Headless {
		if ok, why := desktop.Display(); !ok {
			say("There is no display (" + why + "), so alarms come in this terminal.")
			o.Headless = true
		}
	}
	if o.Headless {
		return headless.Run(ctx, session, terminal())
	}
	if err := desktop.Prepare(); err != nil {
		say("Some of the desktop may not work: " + err.Error())
	}
	return desktop.Run(ctx, quit, app.NewWithID(desktop.AppID(profile)), profile, session)
}

func terminal() headless.Options {
	in, out := term.IsTerminal(int(os.Stdin.Fd())), term.IsTerminal(int(os.Stdout.Fd()))
	return headless.Options{
		In: os.Stdin, Out: os.Stdout, InTerminal: in, OutTerminal: out,
		Colour: out && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		Zone:   time.Local,
	}
}

func say(sentence string) { fmt.Println(sentence) }
