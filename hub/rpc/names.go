package rpc

import (
	"context"
	"slices"

	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
)

// namesIn looks up the names of a timeline. Who has left since is called what
// they were called then.
func (h *Hub) namesIn(ctx context.Context, entries []incident.Entry, devices []responder.Device) (incident.Names, error) {
	org := h.Directory.Current()
	names := namesOf(org, devices)
	left := func(e incident.Entry) bool {
		_, known := org.User(e.User)
		return e.User != "" && !known
	}
	if !slices.ContainsFunc(entries, left) {
		return names, nil
	}
	history, err := h.Directory.History(ctx, entries[0].At)
	if err != nil {
		return names, err
	}
	names.User = func(u responder.UserID) string {
		for _, era := range slices.Backward(history) {
			if name := era.Org.UserName(u); name != string(u) {
				return name
			}
		}
		return string(u)
	}
	return names, nil
}

func namesOf(org *organisation.Organisation, devices []responder.Device) incident.Names {
	return incident.Names{User: org.UserName, Device: func(id responder.DeviceID) string {
		for _, d := range devices {
			if d.ID == id && d.Name != "" {
				return d.Name
			}
		}
		return "an unknown device"
	}}
}
