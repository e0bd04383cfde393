package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tocsin/hub/responder"
)

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

func send(t *testing.T, s Settings, m Message) string {
	t.Helper()
	answer, err := New(s, nil).Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestNtfyRingsWithAButtonThatAcknowledges(t *testing.T) {
	s := newStandIn(t, 200, `{"id":"abc","event":"message"}`)
	settings := Settings{Ntfy: []NtfyServer{{Server: s.URL + "/in/", Token: "tk_1"}}}
	answer := send(t, settings, about(responder.KindNtfy, s.URL+"/in/ada-alarm"))
	got := s.got[0]
	body := decode(t, got.body)
	if answer != "ntfy took it as abc" || got.path != "/in/" || got.header.Get("Authorization") != "Bearer tk_1" {
		t.Errorf("%q %q %q", answer, got.path, got.header.Get("Authorization"))
	}
	action := body["actions"].([]any)[0].(map[string]any)
	if body["topic"] != "ada-alarm" || body["priority"] != 5.0 || action["method"] != "POST" || action["url"] != "http://hub/a/token" ||
		action["body"] != "answer=acknowledge" || action["headers"].(map[string]any)["Content-Type"] != "application/x-www-form-urlencoded" {
		t.Errorf("%v", body)
	}
	if title := body["title"].(string); strings.ContainsAny(title, "\r\n") {
		t.Errorf("%q", title)
	}
	send(t, settings, about(responder.KindNtfy, s.URL+"/in/ada-alarm"))
	if decode(t, s.got[1].body)["sequence_id"] != body["sequence_id"] {
		t.Error("the same message again has another id")
	}
}

func phones(servers ...*standIn) Settings {
	var s Settings
	for n, one := range servers {
		s.Phone = append(s.Phone, PhoneGateway{Name: string(rune('a' + n)), URL: one.URL, Account: "AC1", User: "SK1", Token: "t", From: "+15005550006"})
	}
	return s
}

func TestACallAsksTheHubWhatToSay(t *testing.T) {
	s := newStandIn(t, 201, `{"sid":"CA1","status":"queued"}`)
	answer := send(t, phones(s), about(responder.KindPhone, "+441632960000"))
	got := s.got[0]
	form, err := url.ParseQuery(got.body)
	if err != nil || got.path != "/2010-04-01/Accounts/AC1/Calls.json" || got.user != "SK1" || got.secret != "t" {
		t.Errorf("%+v %v", got, err)
	}
	if form.Get("To") != "+441632960000" || form.Get("From") != "+15005550006" || form.Get("Url") != "http://hub/call/token" || form.Get("Method") != "POST" {
		t.Errorf("%v", form)
	}
	if answer != "the phone gateway a took it as CA1 (queued)" {
		t.Errorf("%q", answer)
	}
}

func TestATestCallSaysItself(t *testing.T) {
	s := newStandIn(t, 201, `{"sid":"CA1","status":"queued"}`)
	m := Message{ID: "test", To: responder.ContactMethod{Kind: responder.KindPhone, Address: "+441632960000"}, Name: "Ada", Test: true}
	send(t, phones(s), m)
	form, _ := url.ParseQuery(s.got[0].body)
	if !strings.Contains(form.Get("Twiml"), "test call") || form.Get("Url") != "" {
		t.Errorf("%v", form)
	}
}

func TestATextMessageCarriesTheLink(t *testing.T) {
	s := newStandIn(t, 201, `{"sid":"SM1","status":"queued"}`)
	send(t, phones(s), minimal(about(responder.KindSMS, "+441632960000")))
	form, _ := url.ParseQuery(s.got[0].body)
	if s.got[0].path != "/2010-04-01/Accounts/AC1/Messages.json" || form.Get("Body") != "Payments API: critical incident 12\nAcknowledge: http://hub/a/token" {
		t.Errorf("%s %v", s.got[0].path, form)
	}
}

func TestTheSecondGatewayIsAskedWhereTheFirstFails(t *testing.T) {
	bad, good := newStandIn(t, 503, "busy"), newStandIn(t, 201, `{"sid":"CA2","status":"queued"}`)
	answer := send(t, phones(bad, good), about(responder.KindPhone, "+441632960000"))
	if answer != "the phone gateway b took it as CA2 (queued), after the phone gateway a answered 503 Service Unavailable: busy" || len(bad.got) != 1 || len(good.got) != 1 {
		t.Errorf("%q", answer)
	}
}

func TestAPhoneFailsForGoodOnlyIfEveryGatewaySaysSo(t *testing.T) {
	refuses := `{"code":21211,"message":"The 'To' number is not a valid phone number.","status":400}`
	no, busy := newStandIn(t, 400, refuses), newStandIn(t, 503, "busy")
	_, err := New(phones(no, busy), nil).Send(t.Context(), about(responder.KindPhone, "+441632960000"))
	if IsPermanent(err) || !strings.Contains(err.Error(), "not a valid phone number") {
		t.Error(err)
	}
	_, err = New(phones(no, no), nil).Send(t.Context(), about(responder.KindPhone, "+441632960000"))
	if !IsPermanent(err) {
		t.Error(err)
	}
}

func TestWhatIsSaidCannotBreakOutOfItsMarkup(t *testing.T) {
	for _, doc := range []string{Say(`</Say><Dial>+1</Dial>&"'` + "\x00"), Ask(`<Hangup/>`, `http://hub/?a=1&b="`, `]]>`)} {
		var parsed struct {
			Inner []struct {
				XMLName xml.Name
			} `xml:",any"`
		}
		if err := xml.Unmarshal([]byte(doc), &parsed); err != nil || strings.Contains(doc, "<Dial>") || strings.Contains(doc, "<Hangup/>") {
			t.Errorf("%v: %s", err, doc)
		}
	}
}

func TestChatsReadNoMarkupFromOutside(t *testing.T) {
	s := newStandIn(t, 200, "ok")
	m := about(responder.KindSlack, s.URL+"/services/T/B/X")
	m.Summary = "<!channel> <http://evil|click> & more"
	send(t, Settings{}, m)
	section := decode(t, s.got[0].body)["blocks"].([]any)[1].(map[string]any)["text"].(map[string]any)["text"].(string)
	if strings.Contains(section, "<!channel>") || !strings.Contains(section, "&lt;!channel&gt;") {
		t.Errorf("%q", section)
	}
	m.To.Kind, m.Summary = responder.KindTeams, "[click](http://evil) **now**"
	send(t, Settings{}, m)
	card := decode(t, s.got[1].body)["attachments"].([]any)[0].(map[string]any)["content"].(map[string]any)
	if text := card["body"].([]any)[2].(map[string]any)["text"].(string); !strings.HasPrefix(text, `\[click\](`) {
		t.Errorf("%q", text)
	}
}

func TestTeamsSaysNoWithA200(t *testing.T) {
	s := newStandIn(t, 200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429")
	_, err := New(Settings{}, nil).Send(t.Context(), about(responder.KindTeams, s.URL))
	if err == nil || IsPermanent(err) {
		t.Error(err)
	}
}

func TestAServiceOfTheLibraryIsReached(t *testing.T) {
	s := newStandIn(t, 200, "ok")
	host := strings.TrimPrefix(s.URL, "http://")
	answer := send(t, Settings{}, about(responder.KindShoutrrr, "generic://"+host+"/hush-hush?disabletls=yes"))
	if answer != "generic took it" || !strings.Contains(s.got[0].body, "http://hub/a/token") {
		t.Errorf("%q %+v", answer, s.got)
	}
	for address, permanent := range map[string]bool{
		"generic://" + newStandIn(t, 503, "").Listener.Addr().String() + "/hush-hush?disabletls=yes": false,
		"generic://" + newStandIn(t, 404, "").Listener.Addr().String() + "/hush-hush?disabletls=yes": true,
		"pigeon://hush-hush": true, "telegram://hush-hush": true, "logger://": true, "hush": true,
	} {
		_, err := New(Settings{}, nil).Send(t.Context(), about(responder.KindShoutrrr, address))
		if IsPermanent(err) != permanent {
			t.Errorf("%s: %v", address, err)
		}
		noSecret(t, address, err)
	}
}

func TestAWebhookIsSignedOverItsVeryBytes(t *testing.T) {
	s := newStandIn(t, 202, "")
	send(t, Settings{Webhook: WebhookSettings{Secrets: []string{"new", "old"}}}, about(responder.KindWebhook, s.URL+"/hook"))
	got := s.got[0]
	var want []string
	for _, secret := range []string{"new", "old"} {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(got.body))
		want = append(want, "v1="+hex.EncodeToString(mac.Sum(nil)))
	}
	if sign := got.header.Get("X-PagerDuty-Signature"); sign != strings.Join(want, ",") {
		t.Errorf("%s", sign)
	}
	event := decode(t, got.body)["event"].(map[string]any)
	data := event["data"].(map[string]any)
	if event["event_type"] != "incident.triggered" || data["id"] != "0190-1" || data["number"] != 12.0 || data["urgency"] != "high" {
		t.Errorf("%v", event)
	}
	// A receiver that reads the envelope strictly finds the program that sent it as an
	// object, as it does in theirs.
	if client, ok := event["client"].(map[string]any); !ok || client["name"] != "Tocsin" {
		t.Errorf("client: %v", event["client"])
	}
}

func TestWhoIsNamedInAnAddressIsNotSentElsewhere(t *testing.T) {
	other := newStandIn(t, 200, "ok")
	moved := &standIn{}
	moved.Server = newRedirect(t, other.URL)
	_, err := New(Settings{}, nil).Send(t.Context(), about(responder.KindSlack, moved.URL))
	if !IsPermanent(err) || len(other.got) != 0 {
		t.Errorf("%v, %d followed it", err, len(other.got))
	}
	s := newStandIn(t, 200, "ok")
	send(t, Settings{}, about(responder.KindSlack, strings.Replace(s.URL, "http://", "http://ada:pw@", 1)))
	if s.got[0].user != "ada" || s.got[0].secret != "pw" {
		t.Errorf("%+v", s.got[0])
	}
	if _, err := http.NewRequest(http.MethodPost, s.URL, nil); err != nil {
		t.Fatal(err)
	}
}

func TestAChatThatSaysNoWithA200IsNotBelieved(t *testing.T) {
	for answer, taken := range map[string]bool{
		"ok": true, "": true, "1": true, `{"ok":true}`: true, `{"success":true}`: true, `{"result":"success","msg":""}`: true, `{"error":null,"ok":true}`: true, `{"error":""}`: true,
		"invalid_payload": false, "no_active_hooks\n": false, "\n <!DOCTYPE html><html>Log in": false,
		`{"ok":false,"error":"channel_not_found"}`: false, `{"success":false}`: false, `{"result":"error","msg":"Invalid API key"}`: false,
		`{"error":{"code":"TriggerDisabled"}}`: false,
	} {
		s := newStandIn(t, 200, answer)
		for _, kind := range []string{responder.KindSlack, responder.KindTeams} {
			_, err := New(Settings{}, nil).Send(t.Context(), about(kind, s.URL))
			if (err == nil) != taken || IsPermanent(err) {
				t.Errorf("%q by %s: %v", answer, kind, err)
			}
		}
	}
}
