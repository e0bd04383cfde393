// Package cli is the hub's command line. All but serve and quickstart talk to
// the running hub over the socket in its data folder; none opens the database.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/alecthomas/kong"

	"tocsin/hub/config"
	"tocsin/hub/fault"
)

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // it could not be done
	exitUsage  = 2 // the command line is wrong
)

type globals struct {
	Data string `help:"The hub's data folder." default:"${data}" env:"TOCSIN_DATA" placeholder:"DIR"`
	As   string `help:"Act as this user instead of the first admin." placeholder:"USER"`
}

type commands struct {
	globals
	Incidents incidentsCmd `cmd:"" group:"Incidents" help:"List incidents."`
	Timeline  timelineCmd  `cmd:"" group:"Incidents" help:"Show what happened in an incident."`
	Ack       ackCmd       `cmd:"" group:"Incidents" help:"Acknowledge an incident: you have it."`
	Resolve   resolveCmd   `cmd:"" group:"Incidents" help:"Resolve an incident: it is over."`
	Page      pageCmd      `cmd:"" group:"Incidents" help:"Open an incident by hand: page who is on call for a service."`
	Note      noteCmd      `cmd:"" group:"Incidents" help:"Write a note into an incident's timeline."`
	Snooze    snoozeCmd    `cmd:"" group:"Incidents" help:"Keep an incident quiet until a time."`
	Escalate  escalateCmd  `cmd:"" group:"Incidents" help:"Page the next level of an incident at once."`
	Reassign  reassignCmd  `cmd:"" group:"Incidents" help:"Give an incident to a user or another policy."`
	Add       addCmd       `cmd:"" group:"Incidents" help:"Page further people to help with an incident."`
	Handover  handOverCmd  `cmd:"" group:"Incidents" help:"Page the successor of whoever has an incident."`
	Keep      keepCmd      `cmd:"" group:"Incidents" help:"Keep an incident beyond the end of the shift."`
	Merge     mergeCmd     `cmd:"" group:"Incidents" help:"Make an incident part of another."`
	Priority  priorityCmd  `cmd:"" group:"Incidents" help:"Say how much an incident matters."`

	Oncall    oncallCmd    `cmd:"" group:"Who is on call" help:"Show who is on call."`
	Simulate  simulateCmd  `cmd:"" group:"Who is on call" help:"Play out who would be paged, and change nothing."`
	Override  overrideCmd  `cmd:"" group:"Who is on call" help:"Put somebody on call for a stretch; see and undo it."`
	Off       offCmd       `cmd:"" group:"Who is on call" help:"Take a user off duty now; find who takes over."`
	On        onCmd        `cmd:"" group:"Who is on call" help:"Put a user on duty again."`
	Cover     coverCmd     `cmd:"" group:"Who is on call" help:"See who asks to be covered."`
	Shift     shiftCmd     `cmd:"" group:"Who is on call" help:"Take the present shift, or swap two."`
	Absence   absenceCmd   `cmd:"" group:"Who is on call" help:"Plan when somebody is away; see and undo it."`
	Calendar  calendarCmd  `cmd:"" group:"Who is on call" help:"Shifts for calendar programs, and overrides from calendars."`
	Check     checkCmd     `cmd:"" group:"Who is on call" help:"Check now whether those on call can be reached."`
	Callsheet callsheetCmd `cmd:"" group:"Who is on call" help:"Write down who is on call in the next days, with numbers, for printing."`

	Maintain   maintainCmd   `cmd:"" group:"Services" name:"maintenance" help:"Keep services quiet while they are worked on; see and end it."`
	Heartbeats heartbeatsCmd `cmd:"" group:"Services" help:"List heartbeats: what should ping, and when it last did."`
	Policy     policyCmd     `cmd:"" group:"Services" help:"Apply an edited escalation policy to open incidents."`
	Key        keyCmd        `cmd:"" group:"Services" help:"Manage routing keys."`

	Enroll  enrollCmd  `cmd:"" group:"People and their devices" help:"Make a code that enrols one device of a user."`
	Devices devicesCmd `cmd:"" group:"People and their devices" help:"List enrolled devices."`
	Revoke  revokeCmd  `cmd:"" group:"People and their devices" help:"Sign a device out for good."`
	Method  methodCmd  `cmd:"" group:"People and their devices" help:"List and test contact methods."`
	Notices noticesCmd `cmd:"" group:"People and their devices" help:"List what a user was told beside pages."`
	User    userCmd    `cmd:"" group:"People and their devices" help:"Take a user out of everything."`

	Serve      serveCmd      `cmd:"" group:"The hub" help:"Run the hub."`
	Quickstart quickstartCmd `cmd:"" group:"The hub" help:"Run a hub and this machine's agent, set up to alarm you."`
	Apply      applyCmd      `cmd:"" group:"The hub" help:"Bring the hub to a configuration file."`
	Schema     schemaCmd     `cmd:"" group:"The hub" help:"Write the JSON Schema of the configuration file, for editors."`
	Export     exportCmd     `cmd:"" group:"The hub" help:"Write the configuration as a file."`
	Drain      drainCmd      `cmd:"" group:"The hub" help:"Tell agents that the hub goes away on purpose."`
	Audit      auditCmd      `cmd:"" group:"The hub" help:"Check the timelines."`
	Status     statusCmd     `cmd:"" group:"The hub" help:"Show how the hub does."`
	Version    versionCmd    `cmd:"" group:"The hub" help:"Show this program's version."`
}

const description = `Tocsin's hub: takes in events from monitoring, opens incidents, finds who is on call, pages them.

Examples:
  hub quickstart                          a hub and an agent on this machine, in one go
  hub serve --listen 127.0.0.1:7411       run a hub
  hub apply -f tocsin.yaml --dry-run      see what a file would change
  hub enroll ada                          a code for Ada's laptop
  hub incidents                           what is open
  hub timeline 12                         what happened in incident 12`

// Run carries out a command line and answers the exit code.
func Run(ctx context.Context, args []string, s Streams) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("hub"), kong.Description(description), kong.UsageOnError(),
		kong.Writers(s.Out, s.Err), kong.Exit(func(code int) { exited = code }),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), kong.MapperFunc(lengthOfTime)),
		kong.Vars{"data": config.DefaultData(), "listen": config.DefaultListen},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(s.Err, "hub:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	if args[0] == "help" {
		args = append(args[1:], "--help")
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(s.Err, "hub: %v\nSee: %s --help\n", err, commandOf(err))
		return exitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(&c.globals, s); err != nil {
		fmt.Fprintln(s.Err, "hub:", explain(err))
		return exitFailed
	}
	return exitOK
}

// commandOf names the command that a wrong line got as far as.
func commandOf(err error) string {
	wrong := new(kong.ParseError)
	if !errors.As(err, &wrong) || wrong.Context == nil {
		return "hub"
	}
	words := []string{"hub"}
	for _, p := range wrong.Context.Path {
		if p.Command != nil {
			words = append(words, p.Command.Name)
		}
	}
	return strings.Join(words, " ")
}

// explain is what a person is told of an error: a hub's sentence without its
// code, a fault's sentence without its cause, and anything else whole, since
// it is this person's own machine.
func explain(err error) string {
	if connected := new(connect.Error); errors.As(err, &connected) {
		return connected.Message()
	}
	if f := new(fault.Fault); errors.As(err, &f) {
		return f.Sentence
	}
	return err.Error()
}

func (g *globals) check() error {
	if _, err := os.Stat(g.Data); errors.Is(err, os.ErrNotExist) {
		return noHub(g.Data)
	}
	return nil
}

func noHub(data string) error {
	return fault.New(fault.Unavailable, "no hub runs with its data in %s; start one with: hub serve --data %s", data, data)
}
