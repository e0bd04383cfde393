package gateway

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"tocsin/hub/responder"
)

// aNotice is a notice, with what could break out of each form.
func aNotice(kind, address string) Message {
	return Message{
		ID: "notice.0123.ada.m", To: responder.ContactMethod{ID: "m", Kind: kind, Address: address}, Name: "Ada Adams",
		Since:  time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC),
		Notice: &Notice{Title: "You are on call <tomorrow>\r\nBcc: eve@example.org", Text: "From Tue 09:00 CET.\nYour *laptop* is not there."},
	}
}

func TestANoticeWakesNobodyAndNamesNoIncident(t *testing.T) {
	m := aNotice(responder.KindSMS, "+441632960000")
	all := m.Title() + "\n" + strings.Join(m.Lines(), "\n") + "\n" + m.Spoken()
	if m.urgent() || strings.Contains(all, "incident") || strings.Contains(m.Title(), "\n") || len(m.Lines()) != 2 {
		t.Errorf("%q", all)
	}
	if !strings.Contains(m.Spoken(), "Tocsin calls Ada Adams. This is no alarm. You are on call") || !strings.Contains(m.Spoken(), "From Tue 09:00 CET.") {
		t.Errorf("%q", m.Spoken())
	}
}

func TestANoticeTravelsByEveryKind(t *testing.T) {
	s := newStandIn(t, 200, `{"id":"abc","sid":"CA1","status":"queued"}`)
	settings := phones(s)
	settings.Webhook.Secrets = []string{"hush"}
	for _, c := range []struct {
		kind     string
		has, not []string
	}{
		{responder.KindNtfy, []string{`"priority":3`, `on call \u003ctomorrow\u003e Bcc`}, []string{"actions", "rotating_light", `"click"`}},
		{responder.KindPhone, []string{"Twiml=", "This+is+no+alarm", "%26lt%3Btomorrow"}, []string{"Url="}},
		{responder.KindSMS, []string{"Body=Tocsin%3A+You+are+on+call", "laptop"}, []string{"Acknowledge"}},
		{responder.KindSlack, []string{"&lt;tomorrow&gt;", "laptop"}, []string{"Acknowledge", "<tomorrow>\","}},
		{responder.KindTeams, []string{`\\*laptop\\*`}, []string{"Acknowledge"}},
		{responder.KindWebhook, []string{`"event_type":"notice.created"`, `"resource_type":"notice"`, `"message":"From Tue 09:00 CET.\nYour *laptop* is not there."`, "Ada Adams"}, []string{"incident", "html_url", "number"}},
	} {
		s.got = nil
		to := s.URL + "/topic"
		if c.kind == responder.KindPhone || c.kind == responder.KindSMS {
			to = "+441632960000"
		}
		send(t, settings, aNotice(c.kind, to))
		body := strings.NewReplacer(`\u0026lt;`, "&lt;", `\u0026gt;`, "&gt;").Replace(s.got[0].body)
		for _, want := range c.has {
			if !strings.Contains(body, want) {
				t.Errorf("by %s: %q is not in %s", c.kind, want, body)
			}
		}
		for _, no := range c.not {
			if strings.Contains(body, no) {
				t.Errorf("by %s: %q is in %s", c.kind, no, body)
			}
		}
	}
}

func TestANoticeByMailIsAQuietThreadOfItsOwn(t *testing.T) {
	p := newPost(t, nil, false)
	send(t, plainMail(p), aNotice(responder.KindEmail, "ada@example.org"))
	m, err := mail.ReadMessage(strings.NewReader(p.mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Subject": "You are on call <tomorrow> Bcc: eve@example.org", "Bcc": "", "References": "", "In-Reply-To": "", "Importance": "",
		"Message-Id": "<notice.0123.ada.m@example.org>",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
	text, html := parts(t, m)
	if !strings.Contains(strings.ReplaceAll(text, "\r\n", "\n"), "From Tue 09:00 CET.\nYour *laptop* is not there.") || strings.Contains(text+html, "cknowledge") || strings.Contains(html, "<tomorrow>") {
		t.Errorf("%s\n%s", text, html)
	}
}
