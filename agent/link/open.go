package link

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"tocsin/agent/settings"
)

// Opening says which hub an agent is to work with.
type Opening struct {
	Profile   settings.Profile  // locked by the caller
	Keys      settings.KeyStore // may be nil
	Hub, Code string            // empty: the one enrolled with
	Version   string
	Transport http.RoundTripper // nil: the network
	Say       func(sentence string)
}

// Open answers the session of an enrolled agent, enrolling it first if a code
// says so. The error is for Sentence.
func Open(ctx context.Context, o Opening) (*Session, error) {
	enrolment, err := o.enrolment(ctx)
	if err != nil {
		return nil, err
	}
	credential, err := o.Profile.Credential(o.Keys, enrolment.Secret)
	if err != nil {
		return nil, err
	}
	return NewSession(Config{
		Profile: o.Profile, Enrolment: enrolment, Credential: credential,
		Version: o.Version, Transport: o.Transport,
	})
}

func (o Opening) enrolment(ctx context.Context) (settings.Enrolment, error) {
	all, err := o.Profile.Enrolments()
	if err != nil {
		return settings.Enrolment{}, err
	}
	if o.Code != "" {
		if o.Hub == "" && all.Current != nil {
			o.Hub = all.Current.Hub
		}
		if o.Hub == "" {
			return settings.Enrolment{}, errors.New("a code needs the hub that it is for: agent --hub URL --code CODE")
		}
		return Enrolling(o).Run(ctx)
	}
	if all.Current == nil {
		return settings.Enrolment{}, errors.New("this device is not enrolled yet: ask for a code (hub enroll USER), then run agent --hub URL --code CODE")
	}
	if o.Hub == "" {
		return *all.Current, nil
	}
	// The credential must not go to an address only because somebody mistyped
	// it: changing hubs takes a code.
	hub, err := CheckAddress(o.Hub)
	if err != nil {
		return settings.Enrolment{}, err
	}
	if hub != all.Current.Hub {
		return settings.Enrolment{}, fmt.Errorf("this device is enrolled with %s; to move it to %s give a code of that hub", all.Current.Hub, hub)
	}
	return *all.Current, nil
}
