package link

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"time"

	"connectrpc.com/connect"

	"tocsin/agent/settings"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	"tocsin/shared/gen/tocsin/agent/v1/agentv1connect"
)

// Enrolling turns a one-time code into this device's enrolment.
type Enrolling struct {
	Profile   settings.Profile
	Keys      settings.KeyStore // may be nil
	Hub       string
	Code      string
	Version   string
	Transport http.RoundTripper // nil: the network
	Say       func(sentence string)
}

// hubWait is how long enrolling waits for a hub that is only starting.
const hubWait = 30 * time.Second

// Run answers the profile's enrolment with the hub, enrolling if need be. A
// device that this hub knows stays what it is, and the code is not used: scripts
// give one at every start. One that was signed out, or is another hub's, is
// enrolled anew. Killed at any instant and run again with the same code, it ends
// with the same device.
func (e Enrolling) Run(ctx context.Context) (settings.Enrolment, error) {
	hub, err := CheckAddress(e.Hub)
	if err != nil {
		return settings.Enrolment{}, err
	}
	all, err := e.Profile.Enrolments()
	if err != nil {
		return settings.Enrolment{}, err
	}
	hash := settings.HashCode(e.Code)
	if c := all.Current; c != nil && c.Hub == hub && (c.CodeHash == hash || e.known(ctx, *c)) {
		e.Say(fmt.Sprintf("This device is already enrolled with %s for %s; the code was not used.", c.HubName, c.UserName))
		return *c, nil
	}
	credential, err := e.begin(&all, hub, hash)
	if err != nil {
		return settings.Enrolment{}, err
	}
	answer, err := e.ask(ctx, hub, credential)
	if err != nil {
		return settings.Enrolment{}, err
	}
	return e.finish(all, answer)
}

// known says that the hub has not signed the device out, as far as it can be
// asked: a hub that is away is no reason to give an enrolment up.
func (e Enrolling) known(ctx context.Context, c settings.Enrolment) bool {
	credential, err := e.Profile.Credential(e.Keys, c.Secret)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	_, err = e.client(c.Hub, credential).Report(ctx, connect.NewRequest(&agentv1.ReportRequest{}))
	return !errors.Is(final(err), ErrSignedOut)
}

func (e Enrolling) client(hub, credential string) agentv1connect.AgentServiceClient {
	transport := e.Transport
	if transport == nil {
		transport = ordinaryTransport()
	}
	return agentv1connect.NewAgentServiceClient(webClient(transport, credential), hub, connect.WithReadMaxBytes(maxFrame))
}

// begin puts the new credential away before the hub hears of it: what the hub
// has enrolled must never be lost.
func (e Enrolling) begin(all *settings.Enrolments, hub, hash string) (credential string, err error) {
	if b := all.Begun; b != nil && b.Hub == hub && b.CodeHash == hash {
		if credential, err := e.Profile.Credential(e.Keys, b.Secret); err == nil {
			return credential, nil
		}
	}
	if all.Begun != nil {
		e.Profile.Discard(e.Keys, all.Begun.Secret)
	}
	random := make([]byte, 32)
	rand.Read(random) // never fails
	credential = base64.RawURLEncoding.EncodeToString(random)
	secret, err := e.Profile.Keep(e.Keys, credential)
	if err != nil {
		return "", err
	}
	all.Begun = &settings.Enrolment{Hub: hub, CodeHash: hash, Secret: secret}
	return credential, e.Profile.Save(*all)
}

func (e Enrolling) finish(all settings.Enrolments, answer *agentv1.EnrollResponse) (settings.Enrolment, error) {
	done := *all.Begun
	done.Addresses, done.HubName = answer.GetHubAddresses(), answer.GetHubName()
	done.DeviceID, done.UserID, done.UserName = answer.GetDeviceId(), answer.GetUserId(), answer.GetUserName()
	old := all.Current
	if err := e.Profile.Save(settings.Enrolments{Current: &done}); err != nil {
		return settings.Enrolment{}, err
	}
	if old != nil {
		e.Profile.Discard(e.Keys, old.Secret)
	}
	e.Say(fmt.Sprintf("This device is enrolled with %s for %s.", done.HubName, done.UserName))
	return done, nil
}

// ask calls the hub, waiting for one that is only starting.
func (e Enrolling) ask(ctx context.Context, hub, credential string) (*agentv1.EnrollResponse, error) {
	client := e.client(hub, "")
	name, err := os.Hostname()
	if err != nil {
		name = "unnamed"
	}
	request := &agentv1.EnrollRequest{
		Code: e.Code, Credential: credential, DeviceName: name,
		Os: runtime.GOOS, AgentVersion: e.Version, Protocol: protocol,
	}
	ctx, cancel := context.WithTimeout(ctx, hubWait)
	defer cancel()
	var waits pace
	for {
		answer, err := client.Enroll(ctx, connect.NewRequest(request))
		if err == nil {
			return answer.Msg, nil
		}
		if connect.CodeOf(err) != connect.CodeUnavailable || ctx.Err() != nil {
			return nil, enrolFault(err)
		}
		if waits.tries == 0 {
			e.Say("The hub cannot be reached yet; trying again.")
		}
		if sleep(ctx, waits.next()+retryAfter(err), nil); ctx.Err() != nil {
			return nil, enrolFault(err)
		}
	}
}

// enrolFault makes a sentence of why the hub gave no enrolment.
func enrolFault(err error) error {
	answer := fromHub(err)
	if answer == nil {
		return errors.New(Sentence(err))
	}
	switch answer.Code() {
	case connect.CodeFailedPrecondition:
		return fmt.Errorf("%w: %s", ErrProtocol, answer.Message())
	case connect.CodeNotFound, connect.CodeInvalidArgument, connect.CodeUnauthenticated,
		connect.CodePermissionDenied, connect.CodeAlreadyExists:
		return fmt.Errorf("%w: %s", ErrCode, fieldless(answer.Message()))
	}
	return errors.New(Sentence(err))
}
