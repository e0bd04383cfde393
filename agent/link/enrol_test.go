package link

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"tocsin/agent/settings"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	"tocsin/shared/gen/tocsin/agent/v1/agentv1connect"
)

// codeHub enrols one device with the code "right", as often as it is asked with
// the same credential.
type codeHub struct {
	agentv1connect.UnimplementedAgentServiceHandler
	credentials []string
	lose        bool // the next answer
	fault       error
	signedOut   bool
}

func (h *codeHub) Report(context.Context, *connect.Request[agentv1.ReportRequest]) (*connect.Response[agentv1.ReportResponse], error) {
	if h.signedOut {
		return nil, connect.NewError(connect.CodeUnauthenticated, errors.New("revoked"))
	}
	return connect.NewResponse(&agentv1.ReportResponse{}), nil
}

func (h *codeHub) Enroll(_ context.Context, r *connect.Request[agentv1.EnrollRequest]) (*connect.Response[agentv1.EnrollResponse], error) {
	h.credentials = append(h.credentials, r.Msg.GetCredential())
	if h.fault != nil {
		return nil, h.fault
	}
	if !strings.HasPrefix(r.Msg.GetCode(), "right") {
		return nil, connect.NewError(connect.CodeNotFound, errors.New("no such code, or it was used; ask for a new one"))
	}
	if h.lose {
		h.lose = false
		return nil, connect.NewError(connect.CodeInternal, errors.New("lost on the way"))
	}
	return connect.NewResponse(&agentv1.EnrollResponse{DeviceId: "d1", UserName: "Ada", HubName: "Example Health"}), nil
}

// direct calls a handler without a network.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

func enrolling(t *testing.T, h *codeHub, code string) (Enrolling, *[]string) {
	mux := http.NewServeMux()
	mux.Handle(agentv1connect.NewAgentServiceHandler(h))
	said := &[]string{}
	return Enrolling{
		Profile: enrolled(t), Hub: "http://127.0.0.1:7/", Code: code, Version: "test", Transport: direct{mux},
		Say: func(s string) { *said = append(*said, s) },
	}, said
}

func TestEnrolling(t *testing.T) {
	h := &codeHub{}
	e, said := enrolling(t, h, "right")
	got, err := e.Run(t.Context())
	if err != nil || got.DeviceID != "d1" || got.Hub != "http://127.0.0.1:7" {
		t.Fatalf("%+v, %v", got, err)
	}
	if credential, err := e.Profile.Credential(nil, got.Secret); err != nil || credential != h.credentials[0] || len(credential) != 43 {
		t.Errorf("credential %q, %v", credential, err)
	}
	again, err := e.Run(t.Context())
	if err != nil || again.DeviceID != "d1" || len(h.credentials) != 1 {
		t.Errorf("the same code again: %+v, %v, asked %d times", again, err, len(h.credentials))
	}
	if want := "already enrolled"; !strings.Contains((*said)[1], want) {
		t.Errorf("said %q", *said)
	}
	e.Code = "right, another"
	if kept, err := e.Run(t.Context()); err != nil || kept.Secret != got.Secret || len(h.credentials) != 1 {
		t.Errorf("another code for a device that the hub knows: %+v, %v", kept, err)
	}
	h.signedOut = true
	anew, err := e.Run(t.Context())
	if err != nil || len(h.credentials) != 2 || h.credentials[1] == h.credentials[0] {
		t.Errorf("another code for a device that was signed out: %v, %v", anew, err)
	}
	if _, err := e.Profile.Credential(nil, got.Secret); err == nil {
		t.Error("the old credential is still there")
	}
}

func TestALostAnswerIsAskedForWithTheSameCredential(t *testing.T) {
	h := &codeHub{lose: true}
	e, _ := enrolling(t, h, "right")
	if _, err := e.Run(t.Context()); err == nil {
		t.Fatal("no error")
	}
	if got, err := e.Run(t.Context()); err != nil || got.DeviceID != "d1" || h.credentials[1] != h.credentials[0] {
		t.Errorf("%v, %v, %v", got, err, h.credentials)
	}
}

func TestEnrollingSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, hub, code string
		fault           error
		kind            error
		says            string
	}{
		{"used code", "http://127.0.0.1:7", "wrong", nil, ErrCode, "The hub refuses the code: no such code, or it was used; ask for a new one."},
		{"protocol", "http://127.0.0.1:7", "right", connect.NewError(connect.CodeFailedPrecondition, errors.New("it speaks 2 and 3; update the agent")), ErrProtocol, "The hub speaks another protocol: it speaks 2 and 3; update the agent."},
		{"no encryption", "http://hub.example.org", "right", nil, nil, "use https"},
		{"no address", "hub.example.org", "right", nil, nil, "give one like https://"},
		{"another scheme", "ftp://hub.example.org", "right", nil, nil, "must begin with https://"},
		{"a password in it", "https://ada:secret@hub.example.org", "right", nil, nil, "must be a plain one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, _ := enrolling(t, &codeHub{fault: c.fault}, c.code)
			e.Hub = c.hub
			_, err := e.Run(t.Context())
			if err == nil || c.kind != nil && !errors.Is(err, c.kind) {
				t.Fatalf("error %v", err)
			}
			if got := Sentence(err); !strings.Contains(got, c.says) && !strings.Contains(err.Error(), c.says) {
				t.Errorf("said %q, want %q", got, c.says)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Error("shows a password")
			}
			if all, err := e.Profile.Enrolments(); err != nil || all.Current != nil {
				t.Errorf("left an enrolment: %v, %v", all, err)
			}
		})
	}
}

func TestAWrongCodeLeavesTheOldEnrolment(t *testing.T) {
	h := &codeHub{}
	e, _ := enrolling(t, h, "right")
	old, err := e.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e.Code, h.signedOut = "wrong", true
	if _, err := e.Run(t.Context()); err == nil {
		t.Fatal("no error")
	}
	all, err := e.Profile.Enrolments()
	if err != nil || all.Current.Secret != old.Secret {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := e.Profile.Credential(nil, old.Secret); err != nil {
		t.Error(err)
	}
	files, _ := os.ReadDir(e.Profile.State)
	if len(files) > 3 {
		t.Errorf("litter: %v", files)
	}
}

func TestTheKeyStoreIsUsed(t *testing.T) {
	e, _ := enrolling(t, &codeHub{}, "right")
	e.Keys = memory{}
	got, err := e.Run(t.Context())
	if err != nil || got.Secret.Place != "keystore" {
		t.Errorf("%+v, %v", got.Secret, err)
	}
}

type memory map[string]string

func (m memory) Set(name, secret string) error   { m[name] = secret; return nil }
func (m memory) Get(name string) (string, error) { return m[name], nil }
func (m memory) Delete(name string) error        { delete(m, name); return nil }

var _ settings.KeyStore = memory{}
