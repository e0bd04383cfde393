package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
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

// eachPhoneGateway is how long one gateway may take: short enough that a second
// one is asked before the method counts as used.
const eachPhoneGateway = 4 * time.Second

// Send implements Sender. It is permanent only if every gateway says so.
func (p phone) Send(ctx context.Context, m Message) (string, error) {
	all := &Failure{Permanent: true}
	var reasons []string
	for _, g := range p.gateways {
		answer, err := p.try(ctx, g, m)
		if err == nil {
			return answer, nil
		}
		reasons = append(reasons, err.Error())
		all.Permanent = all.Permanent && IsPermanent(err)
		if ctx.Err() != nil {
			all.Permanent = false
			break
		}
	}
	all.Sentence = strings.Join(reasons, "; ")
	return "", all
}

func (p phone) try(ctx context.Context, g PhoneGateway, m Message) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, eachPhoneGateway)
	defer cancel()
	form := url.Values{"To": {m.To.Address}, "From": {g.From}}
	resource := "Calls"
	switch {
	case p.text:
		resource = "Messages"
		form.Set("Body", p.body(m))
	case m.Call != "":
		form.Set("Url", m.Call)
		form.Set("Method", http.MethodPost)
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
	return line(who+" took it as "+made.SID+" ("+made.Status+")", maxLine), nil
}

// body is a text message: the title and where to acknowledge.
func (p phone) body(m Message) string {
	if m.Link == "" {
		return m.Title()
	}
	return m.Title() + "\n" + m.Verb() + ": " + m.Link
}

// explainTwilio uses the gateway's own words, if there are any.
func explainTwilio(who string, text []byte, err error) error {
	var why struct {
		Message string `json:"message"`
		Code    int    `json:"code"`
	}
	if json.Unmarshal(text, &why) != nil || why.Message == "" {
		return err
	}
	return &Failure{Permanent: IsPermanent(err), Sentence: line(who+" refused: "+why.Message, maxLine)}
}
