package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/mail"
	sending "net/smtp"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// withGateways makes a hub's folder, with by what it sends.
func withGateways(t *testing.T, gateways, yaml string) *hub {
	t.Helper()
	h := &hub{t: t, dir: t.TempDir(), listen: "127.0.0.1:0", key: routingKey}
	if err := os.MkdirAll(filepath.Join(h.dir, "hub"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"hub/gateways.yaml": gateways, "hub/token": "secret", "tocsin.yaml": strings.Replace(yaml, "{env: KEY}", "{env: TOCSIN_TEST_KEY}", 1),
	} {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// press is what a gateway sends when somebody presses a key.
func press(t *testing.T, call, key string) string {
	t.Helper()
	res, err := http.PostForm(call, url.Values{"Digits": {key}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

// TestAHubKilledInAStormOf500LosesNothingAndCallsOnce: one key acknowledges all.
func TestAHubKilledInAStormOf500LosesNothingAndCallsOnce(t *testing.T) {
	const incidents = 500
	g := newRinging(t)
	h := withGateways(t, `phone: [{url: "`+g.URL+`", account: AC1, token_from: {file: token}, from: "+441632960000"}]`,
		strings.Replace(onlyAda(adasPhone), "timeout: 5m", "timeout: 2h", 1))
	h.run()
	h.cli("apply", "-f", filepath.Join(h.dir, "tocsin.yaml"))
	var posting sync.WaitGroup
	next := make(chan int)
	for range 16 {
		posting.Go(func() {
			for n := range next {
				h.send("trigger", fmt.Sprint("storm-", n), fmt.Sprint("queue ", n))
			}
		})
	}
	for n := range incidents {
		next <- n
	}
	close(next)
	posting.Wait()
	waitFor(t, "the gateway is asked to call", func() bool { n, _ := g.look(); return n > 0 })
	h.kill()
	g.mu.Lock()
	g.hang = false
	g.mu.Unlock()
	h.run()
	waitFor(t, "the gateway calls", func() bool { _, calls := g.look(); return len(calls) > 0 })
	_, calls := g.look()
	if said := press(t, calls[0].Get("Url"), ""); !strings.Contains(said, fmt.Sprint(incidents, " incidents are open for you")) {
		t.Errorf("%s", said)
	}
	if said := press(t, calls[0].Get("Url")+"/key", "1"); !strings.Contains(said, fmt.Sprintf("%d of %d incidents acknowledged", incidents, incidents)) {
		t.Errorf("%s", said)
	}
	if _, calls := g.look(); len(calls) != 1 {
		t.Errorf("%d calls", len(calls))
	}
	for _, number := range []int{1, incidents / 2, incidents} {
		h.awaitEntry(number, "method_accepted", "ada")
		h.awaitEntry(number, "acknowledged", "ada")
	}
	h.verify(incidents)
}

// letterbox is a mail server that keeps what it is given.
type letterbox struct {
	mu    sync.Mutex
	mails []string
}

func (l *letterbox) NewSession(*smtp.Conn) (smtp.Session, error) { return l, nil }

func (l *letterbox) Mail(string, *smtp.MailOptions) error { return nil }

func (l *letterbox) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (l *letterbox) Reset() {}

func (l *letterbox) Logout() error { return nil }

func (l *letterbox) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mails = append(l.mails, string(body))
	return err
}

func (l *letterbox) got() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mails
}

// TestAMailIsAnsweredThroughRealMailServers: out by the organisation's, back in
// by the hub's own.
func TestAMailIsAnsweredThroughRealMailServers(t *testing.T) {
	box := &letterbox{}
	server := smtp.NewServer(box)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	h := withGateways(t, `mail: {server: "`+l.Addr().String()+`", security: none, from: tocsin@example.org, reply_to: ack@tocsin.example.org}`, onlyAda(adasWakingMail))
	t.Setenv("TOCSIN_MAIL_LISTEN", "127.0.0.1:0")
	h.run()
	h.cli("apply", "-f", filepath.Join(h.dir, "tocsin.yaml"))
	h.send("trigger", "k", "disk full")
	waitFor(t, "the mail comes", func() bool { return len(box.got()) > 0 })
	page, err := mail.ReadMessage(strings.NewReader(box.got()[0]))
	if err != nil {
		t.Fatal(err)
	}
	to, err := mail.ParseAddress(page.Header.Get("Reply-To"))
	if err != nil {
		t.Fatal(err)
	}
	_, at, _ := strings.Cut(h.process.out.find("replies by mail are taken"), " at=")
	at, _, _ = strings.Cut(at, " ")
	reply := "From: ada@example.org\r\nTo: " + to.Address + "\r\nSubject: Re: page\r\n\r\nack\r\n"
	if err := sending.SendMail(at, nil, "ada@example.org", []string{to.Address}, []byte(reply)); err != nil {
		t.Fatal(err)
	}
	if i := h.incidents()[0]; i.Status != "acknowledged" || i.Holder != "ada" {
		t.Errorf("%+v", i)
	}
	if got := box.got(); len(got) != 2 || !strings.Contains(got[1], "Acknowledged. You have it.") {
		t.Errorf("%q", got)
	}
	h.verify(1)
}
