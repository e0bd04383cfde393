package rpc

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"tocsin/hub/engine"
	"tocsin/hub/fault"
	"tocsin/hub/gateway"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// Gateways send messages.
type Gateways interface {
	Send(ctx context.Context, m gateway.Message) (string, error)
}

// Methods answers the command line about contact methods.
type Methods struct {
	Org      func() *organisation.Organisation
	Gateways Gateways
	Store    store.Store // remembers what came of tests
	Log      *slog.Logger
}

var _ hubv1connect.MethodServiceHandler = (*Methods)(nil)

// ListMethods implements the command line's service.
func (m *Methods) ListMethods(_ context.Context, req *connect.Request[hubv1.ListMethodsRequest]) (*connect.Response[hubv1.ListMethodsResponse], error) {
	org := m.Org()
	users := org.Users
	if id := req.Msg.UserId; id != "" {
		user, err := userOf(org, id)
		if err != nil {
			return nil, err
		}
		users = []responder.User{user}
	}
	out := &hubv1.ListMethodsResponse{}
	for _, u := range users {
		for _, c := range u.ContactMethods {
			line := &hubv1.Method{UserId: string(u.ID), Id: string(c.ID), Kind: c.Kind, Address: discreet(c), Wakes: c.Wakes, Usable: org.Carries(c.Kind)}
			for _, rule := range u.For(true) {
				if rule.Via == c.ID && line.Usable {
					line.After = rule.After.String()
					break
				}
			}
			out.Methods = append(out.Methods, line)
		}
	}
	return connect.NewResponse(out), nil
}

func userOf(org *organisation.Organisation, id string) (responder.User, error) {
	user, ok := org.User(responder.UserID(id))
	if !ok {
		return user, fault.New(fault.NotFound, "there is no user %q; users stand in the file that hub apply takes", id)
	}
	return user, nil
}

// discreet shows an address without what may be a secret of it.
func discreet(c responder.ContactMethod) string {
	switch c.Kind {
	case responder.KindEmail, responder.KindPhone, responder.KindSMS:
		return c.Address
	}
	u, err := url.Parse(c.Address)
	if err != nil || u.Host == "" {
		return "…"
	}
	return u.Scheme + "://" + u.Host + "/…"
}

// testTime bounds a test.
const testTime = 20 * time.Second

// TestMethod implements the command line's service.
func (m *Methods) TestMethod(ctx context.Context, req *connect.Request[hubv1.TestMethodRequest]) (*connect.Response[hubv1.TestMethodResponse], error) {
	user, err := userOf(m.Org(), req.Msg.UserId)
	if err != nil {
		return nil, err
	}
	method, ok := user.Method(responder.MethodID(req.Msg.MethodId))
	if !ok {
		return nil, fault.New(fault.NotFound, "%s has no contact method %q; hub method list %s shows them", user.ID, req.Msg.MethodId, user.ID)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	said, err := m.Gateways.Send(ctx, gateway.Message{ID: "test." + id.String(), Thread: "test", To: method, Name: user.Name, Since: time.Now(), Test: true})
	m.note(ctx, user.ID, method.ID, err == nil)
	if err != nil {
		m.Log.Info("a test message was not taken", "user", user.ID, "method", method.ID, "err", err)
		return connect.NewResponse(&hubv1.TestMethodResponse{Answer: err.Error(), Permanent: gateway.IsPermanent(err)}), nil
	}
	m.Log.Info("a test message was taken", "user", user.ID, "method", method.ID)
	return connect.NewResponse(&hubv1.TestMethodResponse{Accepted: true, Answer: said}), nil
}

// note remembers whether a method works, which is asked when somebody is on call.
func (m *Methods) note(ctx context.Context, u responder.UserID, id responder.MethodID, accepted bool) {
	err := m.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error { return tx.NoteMethodTest(u, id, accepted, engine.Now()) })
	if err != nil {
		m.Log.Warn("what came of a test message could not be kept", "user", u, "method", id, "err", err)
	}
}
