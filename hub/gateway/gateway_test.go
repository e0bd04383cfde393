package gateway

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// about is a message about an incident of a service that lets everything out.
func about(kind, address string) Message {
	return Message{
		ID: "0190-1.2.ada.mail", Thread: "0190-1", To: responder.ContactMethod{ID: "m", Kind: kind, Address: address}, Name: "Ada Adams",
		Number: 12, Service: "Payments API", Severity: incident.Critical, Urgency: incident.High,
		Since:   time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC),
		Summary: "Disk <b>full</b> & *more*\r\nBcc: eve@example.org", Source: "db1", Details: []incident.Detail{{Name: "free", Value: "0 <bytes>"}},
		Link: "http://hub/a/token", Call: "http://hub/call/token",
	}
}

// minimal is what a service lets out unless it says more.
func minimal(m Message) Message {
	m.Summary, m.Source, m.Details = "", "", nil
	return m
}

// asked is one request that a stand-in got.
type asked struct {
	path   string
	header http.Header
	user   string
	secret string
	body   string
}

// standIn is a gateway that answers as it is told, and keeps what it got.
type standIn struct {
	*httptest.Server
	got []asked
}

func newStandIn(t *testing.T, status int, answer string) *standIn {
	t.Helper()
	s := &standIn{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, secret, _ := r.BasicAuth()
		s.got = append(s.got, asked{r.URL.Path, r.Header, user, secret, string(body)})
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s
}

// everyKind sends a message by each kind that speaks HTTP, to one address.
func everyKind(address string, send func(kind string, answer string, err error)) {
	set := New(Settings{
		Phone:   []PhoneGateway{{Name: "one", URL: address, Account: "AC1", User: "AC1", Token: "hush-hush", From: "+15005550006"}},
		Webhook: WebhookSettings{Secrets: []string{"hush-hush"}},
	}, nil)
	for _, kind := range []string{responder.KindNtfy, responder.KindPhone, responder.KindSMS, responder.KindSlack, responder.KindTeams, responder.KindWebhook} {
		to := address + "/hush-hush"
		if kind == responder.KindPhone || kind == responder.KindSMS {
			to = "+441632960000"
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		answer, err := set.Send(ctx, about(kind, to))
		cancel()
		send(kind, answer, err)
	}
}

func TestWhatPassesIsToldFromWhatStays(t *testing.T) {
	for _, c := range []struct {
		status    int
		permanent bool
	}{{302, true}, {400, true}, {401, true}, {404, true}, {410, true}, {408, false}, {429, false}, {500, false}, {502, false}, {503, false}} {
		s := newStandIn(t, c.status, "no")
		everyKind(s.URL, func(kind, _ string, err error) {
			if err == nil || IsPermanent(err) != c.permanent {
				t.Errorf("%d by %s: permanent is %v, %v", c.status, kind, IsPermanent(err), err)
			}
		})
	}
}

func TestARefusedConnectionPasses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	_ = l.Close()
	everyKind(address, func(kind, _ string, err error) {
		if err == nil || IsPermanent(err) || !strings.Contains(err.Error(), "refused") {
			t.Errorf("by %s: %v", kind, err)
		}
	})
}

func TestAGatewayThatDoesNotAnswerIsGivenUpInTime(t *testing.T) {
	done := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(done) })
	set := New(Settings{}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := set.Send(ctx, about(responder.KindSlack, s.URL))
	if err == nil || IsPermanent(err) || !strings.Contains(err.Error(), "in time") {
		t.Error(err)
	}
}

func TestAnAnswerThatIsNotTheGatewaysIsNotBelieved(t *testing.T) {
	s := newStandIn(t, 200, "<html>Please log in to the guest network</html>")
	everyKind(s.URL, func(kind, _ string, err error) {
		switch kind {
		case responder.KindNtfy, responder.KindPhone, responder.KindSMS, responder.KindSlack, responder.KindTeams:
			if err == nil || IsPermanent(err) {
				t.Errorf("%s believed it: %v", kind, err)
			}
		}
	})
}

func TestNoErrorCarriesASecret(t *testing.T) {
	for _, status := range []int{302, 401, 500} {
		s := newStandIn(t, status, "<script>\x1b[31m\x00")
		everyKind(s.URL, func(kind, answer string, err error) { noSecret(t, kind, err) })
		s.Close()
		everyKind(s.URL, func(kind, answer string, err error) { noSecret(t, kind, err) })
	}
}

func noSecret(t *testing.T, kind string, err error) {
	t.Helper()
	if err == nil || strings.Contains(err.Error(), "hush") || strings.ContainsAny(err.Error(), "\x1b\x00\n") {
		t.Errorf("by %s: %q", kind, err)
	}
}

func TestAKindWithoutAGatewaySaysWhatToDo(t *testing.T) {
	_, err := New(Settings{}, nil).Send(t.Context(), about(responder.KindPhone, "+441632960000"))
	if !IsPermanent(err) || !strings.Contains(err.Error(), "--gateways") {
		t.Error(err)
	}
}

func TestAMinimalMessageCarriesServiceSeverityAndNumber(t *testing.T) {
	m := minimal(about(responder.KindSMS, "+441632960000"))
	all := m.Title() + strings.Join(m.Lines(), "\n") + m.Spoken()
	for _, want := range []string{"Payments API: critical incident 12", "Payments API has a critical incident 12 since Mon 2 Nov 2026 03:00:00 UTC."} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %q", want, all)
		}
	}
	for _, no := range []string{"Disk", "db1", "bytes"} {
		if strings.Contains(all, no) {
			t.Errorf("%q went out: %q", no, all)
		}
	}
}
