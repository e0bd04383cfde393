package e2e

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const adasTexts = `{id: text, kind: sms, number: "+441632960000", wakes: true}`

// text is a message that the phone gateway brings, signed by its token.
func (r *reached) text(from, body, id, token string) (int, string) {
	form := url.Values{"From": {from}, "To": {"+441632960000"}, "Body": {body}, "MessageSid": {id}, "AccountSid": {"AC1"}, "NumMedia": {"0"}}
	mac := hmac.New(sha1.New, []byte(token))
	fmt.Fprintf(mac, "http://hub/smsAccountSidAC1Body%sFrom%sMessageSid%sNumMedia0To+441632960000", body, from, id)
	req, err := http.NewRequest(http.MethodPost, "http://hub/sms", strings.NewReader(form.Encode()))
	if err != nil {
		r.outside.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	res, err := r.public.Do(req)
	if err != nil {
		r.outside.t.Fatal(err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		r.outside.t.Fatal(err)
	}
	return res.StatusCode, string(said)
}

var replyCode = regexp.MustCompile(`Reply (\d+) to acknowledge`)

// code is the number that a text message is answered by.
func code(t *testing.T, body string) string {
	t.Helper()
	found := replyCode.FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("no code in %q", body)
	}
	return found[1]
}

func (r *reached) says(t *testing.T, from, body, id, want string) {
	t.Helper()
	if status, said := r.text(from, body, id, "secret"); status != 200 || !strings.Contains(said, want) {
		t.Errorf("%q was answered %d %s", body, status, said)
	}
}

func TestATextMessageIsAnsweredByItsNumber(t *testing.T) {
	inBubble(t, sleepers(adasTexts), func(r *reached) {
		r.storm(0, 2)
		r.after(time.Second)
		texts := r.took(&r.calls)
		slices.SortFunc(texts, func(a, b sent) int { return strings.Compare(a.body, b.body) })
		if len(texts) != 2 || strings.Contains(texts[0].body, "What if") || !strings.Contains(texts[0].body, "Reply "+code(t, texts[0].body)+" to acknowledge, "+code(t, texts[0].body)+" no to pass on.\nAcknowledge: http://hub/a/") {
			t.Fatalf("%+v", texts)
		}
		second := texts[1]
		r.says(t, adasNumber, "ack", "SM1", "Which one?")
		r.says(t, adasNumber, "no problem", "SM2", "This was not understood. Which one?")
		r.says(t, adasNumber, "47", "SM3", "There is no message 47 to answer.")
		if r.acknowledgedBy("ada") != 0 {
			t.Error("an unclear answer acknowledged")
		}
		r.says(t, adasNumber, code(t, second.body)+" ack", "SM4", "The shop: critical incident 2. Acknowledged. You have it.")
		r.says(t, adasNumber, "ack", "SM5", "The shop: critical incident 1. Acknowledged. You have it.")
		r.says(t, adasNumber, "ok", "SM6", "Nothing waits for your answer.")
		r.says(t, adasNumber, code(t, second.body)+" resolve", "SM7", "Resolved. Its source has not said that it is over.")
		if r.acknowledgedBy("ada") != 1 {
			t.Error("the incident is not resolved")
		}
	})
}

func TestATextWithoutAValidSignatureDoesNothing(t *testing.T) {
	inBubble(t, sleepers(adasTexts), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		if status, said := r.text(adasNumber, "ack", "SM1", "wrong"); status != http.StatusForbidden {
			t.Errorf("%d %s", status, said)
		}
		if status, _ := r.post("http://hub/sms", url.Values{"From": {adasNumber}, "Body": {"ack"}, "MessageSid": {"SM1"}}); status != http.StatusForbidden {
			t.Errorf("%d", status)
		}
		if status, said := r.text("+12125550199", "ack", "SM2", "secret"); status != 200 || strings.Contains(said, "Message") {
			t.Errorf("a stranger was answered: %d %s", status, said)
		}
		if s := r.status(); s != "triggered" {
			t.Error(s)
		}
	})
}

func TestATextDeliveredTwiceMeansTheSameTwice(t *testing.T) {
	inBubble(t, sleepers(adasTexts), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		r.says(t, adasNumber, "ack", "SM1", "incident 1. Acknowledged.")
		r.storm(1, 2)
		r.after(3 * time.Second)
		r.says(t, adasNumber, "ack", "SM1", "incident 1. This was answered before. Ada Adams has it.")
		if n := r.acknowledgedBy("ada"); n != 1 {
			t.Errorf("%d incidents are acknowledged", n)
		}
	})
}

func TestATextAboutAnEarlierOpeningIsTooLate(t *testing.T) {
	inBubble(t, sleepers(adasTexts), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		first := code(t, r.took(&r.calls)[0].body)
		r.send("resolve", "k", "critical")
		r.send("trigger", "k", "critical")
		r.after(3 * time.Second)
		r.says(t, adasNumber, first, "SM1", "Too late: the incident was triggered again since. Nobody has it yet.")
		r.says(t, adasNumber, "no", "SM2", "Passed on. The next person is asked.")
	})
}

func TestATextAnswersAWholeBundle(t *testing.T) {
	inBubble(t, onlyAda(adasTexts), func(r *reached) {
		r.storm(0, 30)
		r.after(bundled)
		texts := r.took(&r.calls)
		last := texts[len(texts)-1].body
		if !strings.Contains(last, "30 incidents are open for you\nThe shop: critical incident 1\n") || !strings.Contains(last, "… and 26 more\n") ||
			!strings.Contains(last, "to acknowledge all 30") {
			t.Errorf("%s", last)
		}
		r.storm(30, 31)
		r.says(t, adasNumber, code(t, last), "SM1", "30 of 30 incidents acknowledged, you have them.")
		if n := r.acknowledgedBy("ada"); n != 30 {
			t.Errorf("%d of 31", n)
		}
	})
}

func TestAProgramThatAnswersTextsIsNotAnsweredWithoutEnd(t *testing.T) {
	inBubble(t, sleepers(adasTexts), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		for n := range 3 {
			r.says(t, adasNumber, "I am driving", fmt.Sprint("SM", n), "This was not understood.")
		}
		if _, said := r.text(adasNumber, "I am driving", "SM9", "secret"); strings.Contains(said, "understood") {
			t.Errorf("it goes on: %s", said)
		}
		r.says(t, adasNumber, "ack", "SM10", "Acknowledged. You have it.")
		r.after(2 * time.Hour)
		r.says(t, adasNumber, "I am driving", "SM11", "This was not understood.")
	})
}
