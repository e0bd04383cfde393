package gateway

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tocsin/hub/responder"
)

// echo answers with what it was asked, as gateways do that show a developer the
// mistake.
func echo(t *testing.T, status int, answer string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		plain, _ := url.QueryUnescape(string(body))
		w.WriteHeader(status)
		fmt.Fprintf(w, answer, r.URL.Path, plain)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestWhatAGatewayRepeatsOfItsRequestCarriesNoSecret(t *testing.T) {
	const token = "VW6FZDGQGTAAMAKZWTUFBJ2JW2"
	for _, answer := range []string{"%s %s", "%.0s%s", `{"code":21205,"message":"Url is not valid: http://hub/call/` + token + `"}%.0s%.0s`} {
		for _, status := range []int{200, 400, 500} {
			s := echo(t, status, answer)
			set := New(phones(&standIn{Server: s}), nil)
			set.senders[responder.KindWebhook] = webhook{web: newWeb(nil), secrets: []string{"x"}}
			for _, kind := range []string{responder.KindPhone, responder.KindSMS, responder.KindSlack, responder.KindTeams, responder.KindNtfy, responder.KindWebhook} {
				m := minimal(about(kind, s.URL+"/T000/hush-hush"))
				m.Link, m.Call, m.Token = "http://hub/a/"+token, "http://hub/call/"+token, token
				said, err := set.Send(t.Context(), m)
				if err != nil {
					said = err.Error()
				}
				if strings.Contains(said, token[:8]) || strings.Contains(said, "hush") {
					t.Errorf("%d by %s: %s", status, kind, said)
				}
			}
		}
	}
}

func TestASecretThatWasCutShortIsHiddenToo(t *testing.T) {
	m := Message{Token: "VW6FZDGQGTAAMAKZWTUFBJ2JW2", Link: "http://hub/a/VW6FZDGQGTAAMAKZWTUFBJ2JW2"}
	for _, said := range []string{"no such page http://hub/a/VW6FZDGQGT…", "unknown address ack+vw6fzdgqgtaamakzwtufbj2jw2@hub", "http://hub/a/VW6FZDGQ…; and another"} {
		if got := m.hide(said); strings.Contains(strings.ToUpper(got), "VW6FZ") {
			t.Errorf("%q", got)
		}
	}
	if got := m.hide("it took 12"); got != "it took 12" {
		t.Errorf("%q", got)
	}
}
