package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"tocsin/hub/fault"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type callsheetCmd struct {
	Days uint32 `help:"For so many days from today on." default:"7"`
	HTML string `name:"html" help:"Write a page that prints on A4 into this file; - is standard output." placeholder:"FILE"`
}

// Help says more than one line can.
func (callsheetCmd) Help() string {
	return `Writes down who is on call in the next days, by schedule and with telephone numbers, and whom to call
for each service in which order: break the glass when nothing else works. Print it, or let a timer
write it where everybody finds it. Agents keep the part that concerns their user by themselves.

Times are in each schedule's zone. Numbers are those of contact methods of the kinds phone and sms.

Examples:
  hub callsheet
  hub callsheet --days 14 --html callsheet.html`
}

// Run writes the call sheet.
func (c *callsheetCmd) Run(ctx context.Context, g *globals, s Streams) error {
	if c.Days == 0 {
		return fault.New(fault.Invalid, "--days: at least 1")
	}
	res, err := askOf(ctx, g, hubv1connect.NewCallSheetServiceClient, hubv1connect.CallSheetServiceClient.GetCallSheet, &hubv1.GetCallSheetRequest{Days: c.Days})
	if err != nil {
		return err
	}
	switch c.HTML {
	case "":
		_, err = io.WriteString(s.Out, res.Text)
	case "-":
		_, err = s.Out.Write(res.Html)
	default:
		if err = replaceFile(c.HTML, res.Html); err == nil {
			fmt.Fprintf(s.Out, "Written to %s. Open it in a browser and print it.\n", c.HTML)
		}
	}
	return err
}

// replaceFile writes a file whole or not at all, readable by its owner only, as it
// has telephone numbers in it.
func replaceFile(name string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".callsheet-*")
	if err != nil {
		return unwritten(err, name)
	}
	_, err = f.Write(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what is left of it
		return unwritten(err, name)
	}
	return nil
}

// unwritten tells of the file that was wanted, and not of the one beside it that
// people never hear of.
func unwritten(err error, name string) error {
	dir, why := filepath.Dir(name), err
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(fault.Invalid, err, "The call sheet cannot be written to %s: there is no folder %s. Make it, or give --html another path.", name, dir)
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(fault.Invalid, err, "The call sheet cannot be written to %s: you may not write in the folder %s. Give --html another path.", name, dir)
	case errors.As(err, &path):
		why = path.Err
	case errors.As(err, &link):
		why = link.Err
	}
	return fault.Wrap(fault.Invalid, err, "The call sheet cannot be written to %s: %s. Give --html another path.", name, why)
}
