package gateway

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	server "github.com/emersion/go-smtp"

	"tocsin/hub/responder"
)

func newRedirect(t *testing.T, to string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.RedirectHandler(to, http.StatusTemporaryRedirect))
	t.Cleanup(s.Close)
	return s
}

// post is a real mail server that keeps what it takes.
type post struct {
	server  *server.Server
	address string
	refuse  error // what it says to a recipient
	hang    chan struct{}
	mails   []string
	users   []string
}

func newPost(t *testing.T, config *tls.Config, implicit bool) *post {
	t.Helper()
	p := &post{}
	p.server = server.NewServer(p)
	p.server.Domain, p.server.TLSConfig, p.server.AllowInsecureAuth = "mail.example.org", config, config == nil
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	if implicit {
		l = tls.NewListener(l, config)
	}
	go func() { _ = p.server.Serve(l) }()
	t.Cleanup(func() { _ = p.server.Close() })
	return p
}

func (p *post) NewSession(c *server.Conn) (server.Session, error) {
	return &session{post: p, conn: c}, nil
}

type session struct {
	post *post
	conn *server.Conn
	to   string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "right" {
			return &server.SMTPError{Code: 535, EnhancedCode: server.EnhancedCode{5, 7, 8}, Message: "not you"}
		}
		s.post.users = append(s.post.users, user)
		return nil
	}), nil
}

func (s *session) Mail(string, *server.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *server.RcptOptions) error {
	if s.post.hang != nil {
		<-s.post.hang
	}
	s.to = to
	return s.post.refuse
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.post.mails = append(s.post.mails, string(text))
	return err
}

func (s *session) Reset() {}

func (s *session) Logout() error { return nil }

func plainMail(p *post) Settings {
	return Settings{Mail: MailSettings{Server: p.address, Security: "none", From: `"Tocsin" <tocsin@example.org>`}}
}

func mailTo(address string) Message { return about(responder.KindEmail, address) }

func TestAMailIsOneThatMailProgramsLike(t *testing.T) {
	p := newPost(t, nil, false)
	answer := send(t, plainMail(p), mailTo("ada@example.org"))
	if !strings.HasPrefix(answer, "the mail server took it") {
		t.Errorf("%q", answer)
	}
	m, err := mail.ReadMessage(strings.NewReader(p.mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Payments API: critical incident 12: Disk <b>full</b> & *more* Bcc: eve@example.org" {
		t.Errorf("%q %v", subject, err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<0190-1.2.ada.mail@example.org>", "References": "<0190-1@example.org>", "In-Reply-To": "<0190-1@example.org>",
		"Auto-Submitted": "auto-generated", "List-Id": "Tocsin <tocsin.example.org>", "Bcc": "", "To": "<ada@example.org>",
		"From": `"Tocsin" <tocsin@example.org>`, "Importance": "high", "Mime-Version": "1.0",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
	if _, err := m.Header.Date(); err != nil {
		t.Error(err)
	}
	text, html := parts(t, m)
	if !strings.Contains(text, "http://hub/a/token") || !strings.Contains(text, "free: 0 <bytes>") {
		t.Errorf("%s", text)
	}
	if strings.Contains(html, "<b>full") || !strings.Contains(html, "&lt;b&gt;full") || !strings.Contains(html, `href="http://hub/a/token"`) {
		t.Errorf("%s", html)
	}
}

// parts gives the text and the page of a mail.
func parts(t *testing.T, m *mail.Message) (text, page string) {
	t.Helper()
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return text, page
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			page = string(body)
		} else {
			text = string(body)
		}
	}
}

func TestWhatTheMailServerSaidIsToldInItsOwnWords(t *testing.T) {
	p := newPost(t, nil, false)
	p.refuse = &server.SMTPError{Code: 550, EnhancedCode: server.EnhancedCode{5, 1, 1}, Message: "User unknown"}
	_, err := New(plainMail(p), nil).Send(t.Context(), mailTo("ada@example.org"))
	if got := err.Error(); got != "the mail server answered 550 5.1.1 User unknown" {
		t.Errorf("%q", got)
	}
}

func TestTheMailServersWordTellsWhatPasses(t *testing.T) {
	for _, c := range []struct {
		code      int
		permanent bool
	}{{421, false}, {450, false}, {451, false}, {550, true}, {552, true}, {554, true}} {
		p := newPost(t, nil, false)
		p.refuse = &server.SMTPError{Code: c.code, EnhancedCode: server.EnhancedCode{c.code / 100, 1, 1}, Message: "not now"}
		_, err := New(plainMail(p), nil).Send(t.Context(), mailTo("ada@example.org"))
		if err == nil || IsPermanent(err) != c.permanent || !strings.Contains(err.Error(), "not now") {
			t.Errorf("%d: permanent is %v, %v", c.code, IsPermanent(err), err)
		}
	}
}

func TestAMailServerThatIsNotThereOrTalksNonsensePasses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			_ = conn.Close()
		}
	}()
	s := Settings{Mail: MailSettings{Server: l.Addr().String(), Security: "none", From: "t@example.org"}}
	if _, err := New(s, nil).Send(t.Context(), mailTo("ada@example.org")); err == nil || IsPermanent(err) {
		t.Error(err)
	}
	_ = l.Close()
	if _, err := New(s, nil).Send(t.Context(), mailTo("ada@example.org")); err == nil || IsPermanent(err) {
		t.Error(err)
	}
}

func TestASlowMailServerIsLeftWhenTheMailIsNoLongerNeeded(t *testing.T) {
	p := newPost(t, nil, false)
	p.hang = make(chan struct{})
	t.Cleanup(func() { close(p.hang) })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := New(plainMail(p), nil).Send(ctx, mailTo("ada@example.org"))
	if err == nil || IsPermanent(err) || time.Since(start) > time.Minute {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}

// certificate makes one for 127.0.0.1, and the file that trusts it.
func certificate(t *testing.T) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, file
}

func TestMailIsSentEncryptedWithAPassword(t *testing.T) {
	config, ca := certificate(t)
	for _, security := range []string{"starttls", "tls"} {
		p := newPost(t, config, security == "tls")
		file := []byte("mail:\n  server: " + p.address + "\n  security: " + security + "\n  from: t@example.org\n  user: tocsin\n" +
			"  password_from: {env: PW}\n  ca: " + ca + "\n")
		for password, works := range map[string]bool{"right": true, "wrong-one": false} {
			s, err := ParseSettings("gateways.yaml", file, func(string) (string, bool) { return password, true })
			if err != nil {
				t.Fatal(err)
			}
			_, err = New(s, nil).Send(t.Context(), mailTo("ada@example.org"))
			if (err == nil) != works || err != nil && (!IsPermanent(err) || strings.Contains(err.Error(), password)) {
				t.Errorf("%s with %s: %v", security, password, err)
			}
		}
		if len(p.mails) != 1 || len(p.users) != 1 || p.users[0] != "tocsin" {
			t.Errorf("%s: %d mails of %v", security, len(p.mails), p.users)
		}
	}
}

func TestMailIsNotSentInTheClearWhereItShouldBeEncrypted(t *testing.T) {
	p := newPost(t, nil, false) // offers no STARTTLS
	s := plainMail(p)
	s.Mail.Security = "starttls"
	if _, err := New(s, nil).Send(t.Context(), mailTo("ada@example.org")); err == nil || len(p.mails) != 0 {
		t.Errorf("%v, %d mails", err, len(p.mails))
	}
	config, _ := certificate(t)
	p = newPost(t, config, false)
	s.Mail.Server = p.address // by a certificate that nobody trusts
	if _, err := New(s, nil).Send(t.Context(), mailTo("ada@example.org")); err == nil || len(p.mails) != 0 {
		t.Errorf("%v, %d mails", err, len(p.mails))
	}
}

func TestTheSameMailAgainIsTheSame(t *testing.T) {
	p := newPost(t, nil, false)
	for range 2 {
		send(t, plainMail(p), mailTo("ada@example.org"))
	}
	id := func(text string) string {
		m, err := mail.ReadMessage(bytes.NewReader([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		return m.Header.Get("Message-Id")
	}
	if id(p.mails[0]) != id(p.mails[1]) {
		t.Errorf("%s and %s", id(p.mails[0]), id(p.mails[1]))
	}
}
