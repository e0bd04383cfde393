package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

func TestWhatAServiceWasNotReachedForPasses(t *testing.T) {
	for _, text := range []string{
		`Post "https://api.pushover.net/1/messages.json": dial tcp 104.20.21.239:443: connect: connection refused`,
		`read tcp 10.0.0.5:53412->149.154.167.220:443: read: connection reset by peer`,
		`dial tcp 149.154.167.220:443: i/o timeout`,
	} {
		err := notServed("pushover", errors.New(text))
		if IsPermanent(err) {
			t.Errorf("permanent: %q => %v", text, err)
		}
	}
}

// resetConn tells of a broken connection as the network does, with the port of mail.
type resetConn struct{ net.Conn }

func (c resetConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		err = &net.OpError{Op: "read", Net: "tcp", Source: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 5), Port: 40912}, Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 9), Port: 587}, Err: errors.New("connection reset by peer")}
	}
	return n, err
}

func TestAMailWhoseConnectionBreaksIsTriedAgain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		in := bufio.NewReader(c)
		for _, line := range []string{"220 x ESMTP\r\n", "250 x\r\n"} {
			if _, err := io.WriteString(c, line); err != nil {
				return
			}
			if _, err := in.ReadString('\n'); err != nil {
				return
			}
		}
	}()
	s := smtp{settings: MailSettings{Server: l.Addr().String(), Security: "none", From: "t@example.org"}, dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return resetConn{c}, err
	}}
	_, err = s.Send(t.Context(), Message{ID: "x", To: responder.ContactMethod{Kind: "email", Address: "bob@example.org"}, Number: 1})
	if IsPermanent(err) || strings.Contains(err.Error(), "affected") {
		t.Errorf("permanent: %t, %v", IsPermanent(err), err)
	}
}

func TestALongMessageFitsIntoWhatTheGatewayTakes(t *testing.T) {
	m := Message{ID: "x", Number: 1, Service: "payments", Urgency: "high", Summary: strings.Repeat("ü", 2000)}
	for i := range 20 {
		m.Details = append(m.Details, incident.Detail{Name: fmt.Sprint("detail ", i), Value: strings.Repeat("x", 300)})
	}
	var slackSaid, ntfySaid map[string]any
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said := map[string]any{}
		_ = json.NewDecoder(r.Body).Decode(&said)
		if _, is := said["topic"]; is {
			ntfySaid = said
		} else {
			slackSaid = said
		}
		_, _ = io.WriteString(w, `{"id":"x"}`)
	}))
	defer srv.Close()
	web := newWeb((&net.Dialer{}).DialContext)
	m.To.Address = srv.URL + "/topic"
	if _, err := (slack{web}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := (ntfy{web: web}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	text := slackSaid["blocks"].([]any)[1].(map[string]any)["text"].(map[string]any)["text"].(string)
	if n := len([]rune(text)); n > 3000 {
		t.Errorf("a Slack section of %d characters: Slack answers 400 invalid_blocks above 3000", n)
	}
	if n := len(ntfySaid["message"].(string)); n > 4096 {
		t.Errorf("an ntfy message of %d bytes: ntfy makes an attachment of what is above 4096, or answers 400", n)
	}
}

func TestASendersNameMayHoldAnAt(t *testing.T) {
	for from, want := range map[string]string{
		"tocsin@acme.org": "acme.org", `"On-call @ ACME" <tocsin@acme.org>`: "acme.org", "Tocsin <tocsin@mail.acme.org>": "mail.acme.org",
	} {
		if got := domainOf(from); got != want {
			t.Errorf("%s: %q", from, got)
		}
	}
}

// The library refuses for Telegram what is longer than 4096 bytes, Pushover what is
// longer than 1024 characters; the first in words that look as if they passed.
func TestALongMessageFitsIntoWhatEveryServiceTakesAndKeepsItsLink(t *testing.T) {
	s := newStandIn(t, 200, "ok")
	m := about(responder.KindShoutrrr, strings.Replace(s.URL, "http://", "generic://", 1)+"?disabletls=yes")
	m.Summary = strings.Repeat("警", 2000)
	for i := range 30 {
		m.Details = append(m.Details, incident.Detail{Name: fmt.Sprint("detail ", i), Value: strings.Repeat("報", 300)})
	}
	send(t, Settings{}, m)
	text := s.got[0].body
	if n := utf8.RuneCountInString(text); n > 1024 || len(text) > 4096 {
		t.Errorf("%d characters, %d bytes", n, len(text))
	}
	if !strings.HasPrefix(text, "Payments API: critical incident 12") || !strings.Contains(text, "Acknowledge: "+m.Link) || !strings.Contains(text, "more lines") {
		t.Errorf("%s", text)
	}
	send(t, Settings{}, minimal(about(responder.KindShoutrrr, m.To.Address)))
	const want = "Payments API: critical incident 12\nPayments API has a critical incident 12 since Mon 2 Nov 2026 03:00:00 UTC.\nAcknowledge: http://hub/a/token"
	if s.got[1].body != want {
		t.Errorf("%q", s.got[1].body)
	}
}

func TestNoServiceIsWaitedForWithoutEnd(t *testing.T) {
	s := newStandIn(t, 200, "ok")
	send(t, Settings{}, about(responder.KindShoutrrr, strings.Replace(s.URL, "http://", "generic://", 1)+"?disabletls=yes"))
	if http.DefaultClient.Timeout <= 0 {
		t.Error("the client that several services share waits for ever")
	}
}
