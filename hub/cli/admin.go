package cli

import (
	"context"
	"fmt"

	"tocsin/hub/fault"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"

	"tocsin/shared/build"
)

type enrollCmd struct {
	User string `arg:"" help:"Whose device it will be."`
	JSON bool   `help:"Print JSON."`
}

// Help says more than one line can.
func (enrollCmd) Help() string {
	return "The code works once, for 15 minutes.\n\nExample:\n  hub enroll ada"
}

// Run makes a code.
func (c *enrollCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.CreateEnrolmentCode, &hubv1.CreateEnrolmentCodeRequest{UserId: c.User})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.Out, map[string]any{"code": res.Code, "user": c.User, "hub": res.HubUrl, "expires_at": rfc3339(res.ExpiresAt)})
	}
	fmt.Fprintf(s.Out, "%s\n", res.Code)
	fmt.Fprintf(s.Err, "It works once, until %s. On %s's machine:\n  agent --hub %s --code %s\n", stamp(res.ExpiresAt), c.User, res.HubUrl, res.Code)
	return nil
}

type devicesCmd struct {
	User string `arg:"" optional:"" help:"Only this user's."`
	JSON bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (devicesCmd) Help() string {
	return `Examples:

    hub devices
    hub devices ada`
}

// Run lists devices.
func (c *devicesCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.ListDevices, &hubv1.ListDevicesRequest{UserId: c.User})
	if err != nil {
		return err
	}
	var rows [][]string
	for _, d := range res.Devices {
		state := "away"
		switch {
		case d.RevokedAt != nil:
			state = "revoked"
		case d.Connected:
			state = "connected"
		}
		if c.JSON {
			if err := printJSON(s.Out, map[string]any{"id": d.Id, "user": d.UserId, "name": d.Name, "os": d.Os, "enrolled_at": rfc3339(d.EnrolledAt), "state": state}); err != nil {
				return err
			}
		}
		rows = append(rows, []string{d.UserId, d.Name, d.Os, state, stamp(d.EnrolledAt), d.Id})
	}
	switch {
	case c.JSON:
		return nil
	case len(rows) == 0:
		fmt.Fprintln(s.Out, "No device is enrolled yet. Make a code with: hub enroll USER")
		return nil
	}
	return printTable(s.Out, []string{"USER", "NAME", "SYSTEM", "STATE", "ENROLLED", "ID"}, rows)
}

type revokeCmd struct {
	Device string `arg:"" help:"The device's id; hub devices lists them."`
}

// Help says more than one line can.
func (revokeCmd) Help() string {
	return `It keeps none of its pages and numbers, and a new code has to enrol it again.

Example:

    hub revoke 0190f5c2-8a4e-7c39-9d3e-2f6f0b7a51c4`
}

// Run revokes a device.
func (c *revokeCmd) Run(ctx context.Context, g *globals, s Streams) error {
	if _, err := ask(ctx, g, hubv1connect.HubServiceClient.RevokeDevice, &hubv1.RevokeDeviceRequest{DeviceId: c.Device}); err != nil {
		return err
	}
	fmt.Fprintln(s.Out, "The device is signed out for good.")
	return nil
}

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that no timeline was changed."`
}

type auditVerifyCmd struct {
	JSON bool `help:"Print JSON."`
}

// Help says more than one line can.
func (auditVerifyCmd) Help() string {
	return `Needs audit.key of the data folder: keep a copy of it elsewhere. Exits with an
error if a timeline was changed, shortened or taken away.

Example:

    hub audit verify --data /var/lib/tocsin`
}

// Run checks the chains.
func (c auditVerifyCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.VerifyAudit, &hubv1.VerifyAuditRequest{})
	if err != nil {
		return err
	}
	if c.JSON {
		problems := append([]string{}, res.Problems...)
		if err := printJSON(s.Out, map[string]any{"incidents": res.Incidents, "entries": res.Entries, "erased": res.Erased, "problems": problems}); err != nil {
			return err
		}
	} else {
		for _, p := range res.Problems {
			fmt.Fprintln(s.Out, p)
		}
	}
	if n := len(res.Problems); n > 0 {
		return fault.New(fault.Conflict, "problems in the timelines of %d incidents: %d. Somebody changed the database, or audit.key in the data folder is not the one they were sealed with", res.Incidents, n)
	}
	if !c.JSON {
		fmt.Fprintf(s.Out, "The %d entries of %d incidents are as they were written%s.\n", res.Entries, res.Incidents, erased(res.Erased))
	}
	return nil
}

// erased says how much of the timelines was taken out: their order still holds,
// their content is gone.
func erased(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", but the content of %d was erased", n)
}

type statusCmd struct {
	JSON bool `help:"Print JSON."`
}

// Help says more than one line can.
func (statusCmd) Help() string {
	return `Examples:

    hub status
    hub status --json`
}

// Run shows how the hub does.
func (c statusCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.GetStatus, &hubv1.GetStatusRequest{})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.Out, map[string]any{"url": res.ListenUrl, "started_at": rfc3339(res.StartedAt), "version": res.Version,
			"open_incidents": res.OpenIncidents, "connected_devices": res.ConnectedDevices, "revision": res.Revision,
			"drained_until": rfc3339(res.DrainedUntil)})
	}
	fmt.Fprintf(s.Out, "Running at %s since %s, version %s.\n%d open incidents, %d connected devices, configuration revision %d.\n",
		res.ListenUrl, stamp(res.StartedAt), res.Version, res.OpenIncidents, res.ConnectedDevices, res.Revision)
	if res.DrainedUntil != nil {
		fmt.Fprintf(s.Out, "Agents were told not to miss this hub until %s; hub drain --for 0s takes it back.\n", stamp(res.DrainedUntil))
	}
	list, err := heartbeats(ctx, g)
	if err != nil {
		return err
	}
	for _, line := range heartbeatCautions(list) {
		fmt.Fprintln(s.Out, line)
	}
	return nil
}

type versionCmd struct{}

// Run shows the version.
func (versionCmd) Run(s Streams) error {
	fmt.Fprintln(s.Out, build.Version())
	return nil
}
