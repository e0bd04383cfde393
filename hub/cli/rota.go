package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tocsin/hub/fault"
	"tocsin/hub/rota"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type applyCmd struct {
	File   string `short:"f" required:"" help:"The configuration file; - reads standard input." placeholder:"FILE"`
	DryRun bool   `help:"Show what would change, and change nothing."`
	JSON   bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (applyCmd) Help() string {
	return `The file is checked whole before anything changes; each mistake is shown with its line.
The same file again changes nothing. Routing keys of new integrations are made by the hub and
shown once, here.

Examples:
  hub apply -f tocsin.yaml --dry-run
  hub apply -f tocsin.yaml`
}

// Run applies the file.
func (c *applyCmd) Run(ctx context.Context, g *globals, s Streams) error {
	file, err := readFile("-f", c.File, s.In)
	if err != nil {
		return err
	}
	keys, err := readKeys(c.File, file)
	if err != nil {
		return err
	}
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.Apply, &hubv1.ApplyRequest{
		File: file, Name: filepath.Base(c.File), DryRun: c.DryRun, RoutingKeys: keys,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return applyJSON(s.Out, res)
	}
	c.print(s, res)
	return nil
}

// readFile reads the file that a flag names; - is standard input.
func readFile(flag, name string, in io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(in)
	}
	file, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "%s: there is no file %s", flag, name)
	}
	return file, err
}

// readKeys reads the routing keys that the file names by key_from. Paths are
// relative to the file.
func readKeys(name string, file []byte) (map[string]string, error) {
	keys := map[string]string{}
	for _, k := range rota.KeySources(filepath.Base(name), file) {
		if k.Env != "" {
			value, ok := os.LookupEnv(k.Env)
			if !ok {
				return nil, fault.New(fault.Invalid, "integration %s: key_from.env: the variable %s is not set", k.Integration, k.Env)
			}
			keys[k.Integration] = strings.TrimSpace(value)
			continue
		}
		path := k.File
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(name), path)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "integration %s: key_from.file: %s cannot be read", k.Integration, path)
		}
		keys[k.Integration] = strings.TrimSpace(string(text))
	}
	return keys, nil
}

func applyJSON(w io.Writer, res *hubv1.ApplyResponse) error {
	for _, c := range res.Changes {
		if err := printJSON(w, map[string]any{"change": c.Verb, "kind": c.Kind, "id": c.Id, "fields": c.Fields}); err != nil {
			return err
		}
	}
	for _, k := range res.RoutingKeys {
		if err := printJSON(w, map[string]any{"routing_key": k.Key, "integration": k.IntegrationId, "service": k.ServiceId, "kind": k.Kind, "url": k.Url}); err != nil {
			return err
		}
	}
	for _, text := range res.Warnings {
		if err := printJSON(w, map[string]any{"warning": text}); err != nil {
			return err
		}
	}
	return nil
}

func (c *applyCmd) print(s Streams, res *hubv1.ApplyResponse) {
	colours := map[string]string{"added": colourGreen, "changed": colourAmber, "removed": colourRed}
	signs := map[string]string{"added": "+", "changed": "~", "removed": "-"}
	for _, ch := range res.Changes {
		fmt.Fprintf(s.Out, "%s %s %s\n", paint(s.Out, colours[ch.Verb], signs[ch.Verb]), ch.Kind, ch.Id)
		for _, f := range ch.Fields {
			fmt.Fprintf(s.Out, "    %s\n", f)
		}
	}
	for _, w := range res.Warnings {
		fmt.Fprintf(s.Err, "%s %s\n", paint(s.Err, colourAmber, "warning:"), w)
	}
	switch {
	case c.DryRun:
		fmt.Fprintf(s.Out, "%d changes would be made; nothing was changed.\n", len(res.Changes))
	case len(res.Changes) == 0:
		fmt.Fprintln(s.Out, "Nothing to change.")
	default:
		fmt.Fprintf(s.Out, "%d changes made; this is revision %d.\n", len(res.Changes), res.Revision)
	}
	if len(res.RoutingKeys) > 0 {
		fmt.Fprintln(s.Out, "\nRouting keys, shown only now:")
		for _, k := range res.RoutingKeys {
			to := "→ " + k.Url
			if k.Url == "" {
				to = "(this version takes in no events of this kind yet)"
			}
			fmt.Fprintf(s.Out, "  %s (%s)  %s  %s\n", k.IntegrationId, k.Kind, paint(s.Out, colourBold, k.Key), to)
		}
	}
}

type schemaCmd struct{}

// Help says more than one line can.
func (schemaCmd) Help() string {
	return `Editors that know YAML's language server complete and check the file as you type, if its first line is
  # yaml-language-server: $schema=tocsin.schema.json

Example:
  hub schema > tocsin.schema.json`
}

// Run writes the schema.
func (schemaCmd) Run(s Streams) error {
	_, err := s.Out.Write(append(rota.Schema(), '\n'))
	return err
}

type exportCmd struct{}

// Help says more than one line can.
func (exportCmd) Help() string {
	return "Example:\n  hub export > tocsin.yaml"
}

// Run writes the configuration.
func (exportCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.Export, &hubv1.ExportRequest{})
	if err != nil {
		return err
	}
	_, err = s.Out.Write(res.File)
	return err
}

type keyCmd struct {
	Rotate keyRotateCmd `cmd:"" help:"Make a new routing key; the old one works for 24 hours more."`
}

type keyRotateCmd struct {
	Integration string `arg:"" help:"The integration's id."`
}

// Help says more than one line can.
func (keyRotateCmd) Help() string {
	return `Example:

    hub key rotate payments-prometheus`
}

// Run makes a new key.
func (c *keyRotateCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.RotateRoutingKey, &hubv1.RotateRoutingKeyRequest{IntegrationId: c.Integration})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "%s\nShown only now. The old key works for 24 hours more.\n", res.RoutingKey.Key)
	return nil
}
