package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" // the gateway's choice
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// phone calls, or sends a text, through gateways that speak Twilio's interface
// of 2010-04-01. They are asked in their order until one takes it.
type phone struct {
	web
	gateways []PhoneGateway
	text     bool // a text message instead of a call
}

// The times of phone gateways.
const (
	// eachPhoneGateway is how long one gateway may take: short enough that a second
	// one is asked before the method counts as used.
	eachPhoneGateway = 4 * time.Second
	// lastPhoneGateway is how long the one may take that has none behind it, where
	// who sends has all the time: one that is left too soon has placed its call all
	// the same, and the next try rings again.
	lastPhoneGateway = 10 * time.Second
)

// share is how long a gateway may take that has so many behind it.
func share(ctx context.Context, behind int) time.Duration {
	if behind == 0 {
		return lastPhoneGateway
	}
	end, bounded := ctx.Deadline()
	if !bounded {
		return eachPhoneGateway
	}
	return min(eachPhoneGateway, time.Until(end)/time.Duration(behind+1))
}

// Send implements Sender. It is permanent only if every gateway says so.
func (p phone) Send(ctx context.Context, m Message) (string, error) {
	all := &Failure{Permanent: true}
	var reasons []string
	for n := range p.gateways {
		g := p.gateways[(n+m.Try)%len(p.gateways)]
		answer, err := p.try(ctx, share(ctx, len(p.gateways)-1-n), g, m)
		if err == nil {
			if n > 0 { // or nobody learns that the first one is out of order
				answer += ", after " + strings.Join(reasons, "; ")
			}
			return line(answer, maxLine), nil
		}
		reasons = append(reasons, err.Error())
		all.Permanent = all.Permanent && IsPermanent(err)
		if after := After(err); n == 0 || after < all.After {
			all.After = after // by then one of them may be asked
		}
		if ctx.Err() != nil {
			all.Permanent = false
			break
		}
	}
	all.Sentence = strings.Join(reasons, "; ")
	return "", all
}

func (p phone) try(ctx context.Context, takes time.Duration, g PhoneGateway, m Message) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, takes)
	defer cancel()
	form := url.Values{"To": {m.To.Address}, "From": {g.From}}
	resource := "Calls"
	switch {
	case p.text:
		resource = "Messages"
		form.Set("Body", p.body(g, m))
		if m.Call != "" {
			form.Set("StatusCallback", m.Call+"/status")
		}
	case m.Call != "":
		form.Set("Url", m.Call)
		form.Set("Method", http.MethodPost)
		form.Set("StatusCallback", m.Call+"/status")
		form.Set("StatusCallbackMethod", http.MethodPost)
		form["StatusCallbackEvent"] = []string{"initiated", "ringing", "answered", "completed"}
	default:
		form.Set("Twiml", Say(m.Spoken()))
	}
	to := strings.TrimSuffix(g.URL, "/") + "/2010-04-01/Accounts/" + url.PathEscape(g.Account) + "/" + resource + ".json"
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Idempotency-Key": {shortID(m.ID)}}
	auth := &http.Request{Header: header}
	auth.SetBasicAuth(g.User, g.Token)
	who := "the phone gateway " + g.Name
	_, text, err := p.post(ctx, who, to, header, []byte(form.Encode()))
	if err != nil {
		return "", explainTwilio(who, text, err)
	}
	var made struct {
		SID    string `json:"sid"`
		Status string `json:"status"`
	}
	if json.Unmarshal(text, &made) != nil || made.SID == "" {
		return "", unexpected(who, text)
	}
	return who + " took it as " + made.SID + " (" + made.Status + ")", nil
}

// body is a text message: the title, and how to acknowledge, or a notice.
func (p phone) body(g PhoneGateway, m Message) string {
	if m.Notice != nil {
		return "Tocsin: " + m.Title() + "\n" + line(strings.Join(m.Lines(), " "), maxText)
	}
	lines := append([]string{m.Title()}, m.items(shortItems)...)
	if g.Replies && m.Code != 0 {
		what := fmt.Sprintf("Reply %d to %s, %d no to pass on.", m.Code, strings.ToLower(m.Verb()), m.Code)
		lines = append(lines, what)
	}
	if m.Link != "" {
		lines = append(lines, m.Verb()+": "+m.Link)
	}
	return strings.Join(lines, "\n")
}

// Signed reports whether a phone gateway of this hub signed a request to an
// address of it, in the way of X-Twilio-Signature: the address as it was
// configured, then each field with its value in the order of their names.
func (s *Set) Signed(address string, form url.Values, signature string) bool {
	text := address
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			text += name + value
		}
	}
	got, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	for _, token := range s.signers {
		mac := hmac.New(sha1.New, []byte(token))
		mac.Write([]byte(text))
		if hmac.Equal(mac.Sum(nil), got) {
			return true
		}
	}
	return false
}

// maxText is how much of a notice a text message carries.
const maxText = 400

// explainTwilio uses the gateway's own words, if there are any.
func explainTwilio(who string, text []byte, err error) error {
	var why struct {
		Message string `json:"message"`
		Code    int    `json:"code"`
	}
	if json.Unmarshal(text, &why) != nil || why.Message == "" {
		return err
	}
	return &Failure{Permanent: IsPermanent(err), Sentence: line(who+" refused: "+why.Message, maxLine), After: After(err)}
}
