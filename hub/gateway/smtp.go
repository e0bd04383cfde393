package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/textproto"
	"regexp"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// smtp hands mail to the organisation's mail server.
type smtp struct {
	settings MailSettings
	dial     Dial
}

// smtpTime bounds one conversation with the mail server.
const smtpTime = 10 * time.Second

// Send implements Sender.
func (s smtp) Send(ctx context.Context, m Message) (string, error) {
	const who = "the mail server"
	ctx, cancel := context.WithTimeout(ctx, smtpTime)
	defer cancel() // closes the connection, however it went
	letter, err := s.compose(m)
	if err != nil {
		return "", &Failure{Permanent: true, Sentence: line("the mail could not be written: "+err.Error(), maxLine)}
	}
	client, err := s.client(ctx)
	if err != nil {
		return "", &Failure{Permanent: true, Sentence: line("the mail server's settings are wrong: "+err.Error(), maxLine)}
	}
	talk, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return "", notMailed(ctx, who, err)
	}
	err = client.SendWithSMTPClient(talk, letter)
	// Once the server has taken the mail, how the conversation ends says nothing.
	_ = client.CloseWithSMTPClient(talk)
	if err != nil {
		return "", notMailed(ctx, who, err)
	}
	return line(who+" took it: "+letter.ServerResponse(), maxLine), nil
}

// client is made for each mail: it keeps no state between them. Its connection
// ends with ctx.
func (s smtp) client(ctx context.Context) (*mail.Client, error) {
	host, _, err := net.SplitHostPort(s.settings.Server)
	if err != nil {
		return nil, err
	}
	options := []mail.Option{
		mail.WithTimeout(smtpTime),
		mail.WithDialContextFunc(func(dialing context.Context, network, _ string) (net.Conn, error) {
			conn, err := s.connect(dialing, network)
			if err == nil {
				context.AfterFunc(ctx, func() { _ = conn.Close() })
			}
			return conn, err
		}),
		mail.WithTLSPortPolicy(mail.TLSMandatory), mail.WithTLSConfig(s.tls()), mail.WithoutNoop(), mail.WithoutRset(),
	}
	switch s.settings.Security {
	case "tls":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPortPolicy(mail.NoTLS))
	}
	if s.settings.User != "" {
		options = append(options, mail.WithUsername(s.settings.User), mail.WithPassword(s.settings.Password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin, mail.SMTPAuthCramMD5))
	}
	return mail.NewClient(host, options...)
}

func (s smtp) tls() *tls.Config {
	host, _, _ := net.SplitHostPort(s.settings.Server) // checked with the settings
	return &tls.Config{ServerName: host, RootCAs: s.settings.roots, MinVersion: tls.VersionTLS12}
}

func (s smtp) connect(ctx context.Context, network string) (net.Conn, error) {
	conn, err := s.dial(ctx, network, s.settings.Server)
	if err != nil || s.settings.Security != "tls" {
		return conn, err
	}
	secure := tls.Client(conn, s.tls())
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secure, nil
}

// mailCode is an answer's code. A port, as in 10.0.0.9:587, is none.
var mailCode = regexp.MustCompile(`(?:^| )([45])\d\d[ -]`)

// notMailed tells what passes (4xx, the network) from what stays (5xx).
func notMailed(ctx context.Context, who string, err error) error {
	if ctx.Err() != nil {
		return notReached(who, ctx.Err())
	}
	f := &Failure{}
	sent, said := (*mail.SendError)(nil), (*textproto.Error)(nil)
	switch {
	case errors.As(err, &said):
		f.Permanent = said.Code >= 500
		f.Sentence = fmt.Sprintf("%s answered %d %s", who, said.Code, said.Msg)
	case errors.As(err, &sent) && sent.ErrorCode() >= 400:
		f.Permanent = sent.ErrorCode() >= 500
		f.Sentence = who + " " + ownWords(sent)
	case errors.As(err, &sent) && mailCode.MatchString(sent.Error()):
		f.Permanent = !sent.IsTemp() && mailCode.FindStringSubmatch(sent.Error())[1] == "5"
		f.Sentence = who + " " + ownWords(sent)
	case errors.As(err, &sent):
		f.Sentence = who + " " + ownWords(sent)
	default:
		return notReached(who, err)
	}
	f.Sentence = line(f.Sentence, maxLine)
	return f
}

// The library's words around the server's.
var (
	aboutMail  = regexp.MustCompile(`(, affected recipient\(s\): .*)?(, affected message ID: .*)?$`)
	serverSaid = regexp.MustCompile(`: ([45]\d\d) "(.*)"$`)
)

// ownWords is what the server said, or how the conversation broke off.
func ownWords(err *mail.SendError) string {
	text := aboutMail.ReplaceAllString(err.Error(), "")
	if said := serverSaid.FindStringSubmatch(text); said != nil {
		return "answered " + said[1] + " " + said[2]
	}
	return "did not take it: " + text
}

// compose writes the mail. All mails about one incident refer to one root, by
// which mail programs put them into one thread.
func (s smtp) compose(m Message) (*mail.Msg, error) {
	domain := domainOf(s.settings.From)
	out := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := out.From(s.settings.From); err != nil {
		return nil, err
	}
	if err := out.To(m.To.Address); err != nil {
		return nil, err
	}
	replies := m.Token != "" && s.settings.ReplyTo != ""
	if replies {
		local, at, _ := strings.Cut(s.settings.ReplyTo, "@")
		if err := out.ReplyTo(local + "+" + strings.ToLower(m.Token) + "@" + at); err != nil {
			return nil, err
		}
	}
	if m.Answer != "" {
		out.Subject("Re: " + m.Title())
	} else {
		out.Subject(m.Title())
	}
	out.SetDate()
	out.SetMessageIDWithValue(m.ID + "@" + domain)
	if m.Thread != "" {
		root := "<" + m.Thread + "@" + domain + ">"
		out.SetGenHeader(mail.HeaderInReplyTo, root)
		out.SetGenHeader(mail.HeaderReferences, root)
	}
	out.SetGenHeader("List-Id", "Tocsin <tocsin."+domain+">")
	if m.Answer != "" {
		out.SetGenHeader("Auto-Submitted", "auto-replied")
	} else {
		out.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	out.SetGenHeader("X-Auto-Response-Suppress", "All")
	if m.urgent() && m.Answer == "" {
		out.SetImportance(mail.ImportanceHigh)
	}
	text := strings.Join(m.Lines(), "\n")
	hint := ""
	if replies && m.Answer == "" { // an answer says itself what may be replied
		hint = "Or reply with one word: acknowledge, resolve, or no if you cannot take it."
		if m.Cover != "" {
			hint = "Or reply with one word: yes, or no if you cannot."
		}
	}
	if m.Link != "" {
		text += "\n\nTo " + strings.ToLower(m.Verb()) + ", open this page and press its button:\n" + m.Link
	}
	if hint != "" {
		text += "\n\n" + hint
	}
	out.SetBodyString(mail.TypeTextPlain, text+"\n")
	var page strings.Builder
	if err := mailPage.Execute(&page, mailContent{m, hint}); err != nil {
		return nil, err
	}
	out.AddAlternativeString(mail.TypeTextHTML, page.String())
	return out, nil
}

// domainOf is what stands behind the @ of an address.
func domainOf(from string) string {
	domain := from[strings.LastIndexByte(from, '@')+1:] // a name before it may have one, too
	domain, _, _ = strings.Cut(domain, ">")
	return domain
}

// mailContent is what the page of a mail shows.
type mailContent struct {
	Message
	Hint string
}

var mailPage = template.Must(template.New("mail").Parse(`<!DOCTYPE html>
<html lang="en"><body style="font:16px/1.5 sans-serif;color:#222;background:#fff">
<h1 style="font-size:20px">{{.Title}}</h1>
{{range .Lines}}<p style="margin:0 0 8px">{{.}}</p>
{{end}}{{if .Link}}<p style="margin:24px 0"><a href="{{.Link}}" style="background:#b3261e;color:#fff;padding:12px 24px;text-decoration:none;border-radius:6px">{{.Verb}} …</a></p>
{{end}}{{with .Hint}}<p style="color:#555">{{.}}</p>
{{end}}</body></html>
`))
