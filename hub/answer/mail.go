package answer

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"tocsin/hub/engine"
	"tocsin/hub/fault"
	"tocsin/hub/gateway"
)

// The limits of taking mail.
const (
	maxMail        = 4 << 20 // answers bring pictures of their signatures along
	mailTime       = 30 * time.Second
	connectionTime = 3 * time.Minute
	maxConnections = 32
	maxRecipients  = 4
	mailHints      = 30 * 24 * time.Hour // as long as a mail can be answered
)

// Mailbox takes replies to mails. The address that a mail is replied to carries its
// token, so who a reply says that it comes from does not matter.
type Mailbox struct {
	*Handler
	// Address is what replies go to, without a token: local@domain.
	Address  string
	Gateways Gateways
}

// Gateways send what is told to somebody who wrote.
type Gateways interface {
	Send(ctx context.Context, m gateway.Message) (string, error)
}

// Serve takes mail until ctx ends.
func (m *Mailbox) Serve(ctx context.Context, l net.Listener) error {
	_, domain, _ := strings.Cut(m.Address, "@")
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{Mailbox: m, ctx: ctx}, nil }))
	s.Domain = domain
	s.MaxMessageBytes, s.MaxRecipients, s.MaxLineLength = maxMail, maxRecipients, 4000
	s.ReadTimeout, s.WriteTimeout = mailTime, mailTime
	s.ErrorLog = slog.NewLogLogger(m.Log.Handler(), slog.LevelDebug)
	defer context.AfterFunc(ctx, func() { _ = s.Close() })()
	err := s.Serve(&few{Listener: l, places: make(chan struct{}, maxConnections)})
	if errors.Is(err, smtp.ErrServerClosed) || ctx.Err() != nil {
		return nil
	}
	return err
}

// few accepts so many connections at a time, each for a while.
type few struct {
	net.Listener
	places chan struct{}
}

func (f *few) Accept() (net.Conn, error) {
	f.places <- struct{}{}
	conn, err := f.Listener.Accept()
	if err != nil {
		<-f.places
		return nil, err
	}
	c := &brief{Conn: conn, leave: sync.OnceFunc(func() { <-f.places })}
	c.end = time.AfterFunc(connectionTime, func() { _ = c.Close() })
	return c, nil
}

// brief is one of few connections.
type brief struct {
	net.Conn
	leave func()
	end   *time.Timer
}

func (b *brief) Close() error {
	b.leave()
	b.end.Stop()
	return b.Conn.Close()
}

// mailSession is one conversation with a mail server.
type mailSession struct {
	*Mailbox
	ctx    context.Context
	bounce bool // the sender is empty: a program tells of a mail
	tokens []string
}

var errNoAddress = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "There is no such address, or it is too old"}

// Mail implements smtp.Session.
func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.bounce = from == ""
	return nil
}

// Rcpt implements smtp.Session. Whoever does not know a token learns nothing.
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	token, ok := tokenOf(to, s.Address)
	if !ok {
		return errNoAddress
	}
	_, err := s.find(s.ctx, token)
	if fault.KindOf(err) == fault.NotFound {
		return errNoAddress
	}
	if err != nil {
		return s.later(err)
	}
	s.tokens = append(s.tokens, token)
	return nil
}

func (s *mailSession) later(err error) error {
	s.Log.Error("a reply by mail could not be taken; its server tries again", "err", err)
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "The hub could not do this just now"}
}

// tokenOf takes the token out of local+token@domain. Mail programs may change
// the case of an address.
func tokenOf(to, address string) (string, bool) {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	to = strings.ToLower(strings.Trim(to, "<>"))
	token, ok := strings.CutSuffix(to, "@"+domain)
	if !ok {
		return "", false
	}
	token, ok = strings.CutPrefix(token, local+"+")
	return strings.ToUpper(token), ok && token != ""
}

// Data implements smtp.Session.
func (s *mailSession) Data(r io.Reader) error {
	l, err := readLetter(r)
	var tooLong *smtp.SMTPError
	if errors.As(err, &tooLong) {
		return tooLong
	}
	// What follows the text is taken and thrown away.
	if _, rest := io.Copy(io.Discard, r); rest != nil {
		return rest
	}
	switch {
	case err != nil:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "This is not a mail that can be read"}
	case s.bounce:
		l.automatic = "its sender is empty"
	}
	if l.automatic != "" {
		s.Log.Info("a reply by mail is not a person's: nothing is done", "why", l.automatic)
		return nil
	}
	for _, token := range s.tokens {
		if err := s.take(s.ctx, token, l.text); err != nil {
			return s.later(err)
		}
	}
	return nil
}

// Reset implements smtp.Session.
func (s *mailSession) Reset() { s.bounce, s.tokens = false, nil }

// Logout implements smtp.Session.
func (s *mailSession) Logout() error { return nil }

// notUnderstood is told to who wrote something else.
const notUnderstood = "Your reply was not understood, and nothing was done. Reply again with one of these words in the first line: acknowledge, resolve, or no if you cannot take it."

// take carries out a reply, and tells the user what came of it: at the address
// that the page went to, wherever the reply came from.
func (m *Mailbox) take(ctx context.Context, token, text string) error {
	q, err := m.find(ctx, token)
	if err != nil {
		return err
	}
	out := q.message
	said, understood := understand(text)
	if understood && said.number != 0 && !q.names(said.number) {
		understood = false
	}
	if understood {
		if out.Answer, _, err = m.answer(ctx, q, said.verb); err != nil {
			return err
		}
	} else {
		if !m.hints.once(q.token.Hash, mailHints, engine.Now()) {
			return nil
		}
		out.Answer, out.Token = notUnderstood, token
	}
	user, _ := m.Org().User(q.token.User)
	to, ok := user.Method(q.token.Method)
	if !ok {
		return nil
	}
	out.To, out.ID, out.Thread = to, "answer."+rand.Text(), q.thread()
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	if _, err := m.Gateways.Send(ctx, out); err != nil {
		m.Log.Warn("what came of a reply could not be told by mail", "user", user.ID, "err", err)
	}
	return nil
}

// names reports whether a number is that of an incident of the message.
func (q question) names(n int) bool {
	for _, p := range q.parts {
		if p.incident.Number == uint64(n) {
			return len(q.parts) == 1
		}
	}
	return false
}

// thread is what mails about this go together by.
func (q question) thread() string {
	if len(q.parts) == 1 {
		return string(q.parts[0].Incident)
	}
	return "storm." + string(q.token.User)
}
