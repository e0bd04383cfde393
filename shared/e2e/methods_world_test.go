package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	server "github.com/emersion/go-smtp"

	"tocsin/hub/config"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// outside is what a hub sends to, in memory: phone gateways, an ntfy server and
// a mail server, each speaking its documented interface and behaving as a test
// tells it.
type outside struct {
	t     *testing.T
	hosts map[string]*network

	mu      sync.Mutex
	calls   []sent
	mails   []sent
	pushes  []sent
	refuse  map[string]int           // host → status that it answers with
	hang    map[string]chan struct{} // host → answers only after this
	dropped map[string]int           // host → requests whose sender went away
	hung    map[string]int           // host → requests that hang now
	wait    map[string]string        // host → Retry-After with which it refuses
	refused map[string][]time.Time   // host → when it did
	mute    map[string]bool          // phone gateway → takes what it is asked, and answers nothing
}

// sent is one message that arrived.
type sent struct {
	at   time.Time
	host string
	to   string
	body string
	url  string // of a call: where to ask what to say
	// status is where a phone gateway tells how it went
	status string
}

func newOutside(t *testing.T) *outside {
	o := &outside{t: t, hosts: map[string]*network{}, refuse: map[string]int{}, hang: map[string]chan struct{}{}, dropped: map[string]int{}, hung: map[string]int{}, mute: map[string]bool{}, wait: map[string]string{}, refused: map[string][]time.Time{}}
	o.serve("phone-one.example.org:80", o.phone)
	o.serve("phone-two.example.org:80", o.phone)
	o.serve("ntfy.example.org:80", o.ntfy)
	mail := newNetwork()
	o.hosts["127.0.0.1:25"] = mail
	s := server.NewServer(o)
	s.Domain = "mail.example.org"
	go func() { _ = s.Serve(mail) }()
	t.Cleanup(func() { _ = s.Close() })
	return o
}

func (o *outside) serve(host string, answer http.HandlerFunc) {
	l := newNetwork()
	o.hosts[host] = l
	s := &http.Server{Handler: o.behaves(host, answer)}
	go func() { _ = s.Serve(l) }()
	o.t.Cleanup(func() { _ = s.Close() })
}

// behaves answers as the test says.
func (o *outside) behaves(host string, answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // the server notices a sender that goes away only after the body
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		r.Host = host
		o.mu.Lock()
		hang, status := o.hang[host], o.refuse[host]
		if hang != nil {
			o.hung[host]++
		}
		o.mu.Unlock()
		if hang != nil {
			defer func() {
				o.mu.Lock()
				defer o.mu.Unlock()
				o.hung[host]--
			}()
			select {
			case <-hang:
			case <-r.Context().Done():
				o.mu.Lock()
				o.dropped[host]++
				o.mu.Unlock()
				return
			}
		}
		if status != 0 {
			o.mu.Lock()
			o.refused[host] = append(o.refused[host], time.Now())
			if wait := o.wait[host]; wait != "" {
				w.Header().Set("Retry-After", wait)
			}
			o.mu.Unlock()
			http.Error(w, "not now", status)
			return
		}
		answer(w, r)
	}
}

// set changes how a host behaves: 0 is as it should.
func (o *outside) set(host string, status int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refuse[host+".example.org:80"] = status
}

// retryAfter makes a host that refuses say when to come again.
func (o *outside) retryAfter(host, seconds string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wait[host+".example.org:80"] = seconds
}

func (o *outside) refusedAt(host string) []time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.refused[host+".example.org:80"])
}

func (o *outside) hangs(host string) (goOn func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := make(chan struct{})
	o.hang[host+".example.org:80"] = c
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.hang, host+".example.org:80")
		close(c)
	}
}

// silent makes phone gateways so: they take what they are asked, and answer
// nothing.
func (o *outside) silent(hosts ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, host := range hosts {
		o.mute[host+".example.org:80"] = true
	}
}

func (o *outside) waiting(host string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.hung[host+".example.org:80"]
}

// phone is a gateway of Twilio's interface.
func (o *outside) phone(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	if _, _, ok := r.BasicAuth(); !ok || !strings.HasPrefix(r.URL.Path, "/2010-04-01/Accounts/AC") {
		http.Error(w, `{"code":20003,"message":"Authenticate"}`, http.StatusUnauthorized)
		return
	}
	o.mu.Lock()
	o.calls = append(o.calls, sent{time.Now(), r.Host, r.Form.Get("To"), r.Form.Get("Body"), r.Form.Get("Url"), r.Form.Get("StatusCallback")})
	n, mute := len(o.calls), o.mute[r.Host]
	o.mu.Unlock()
	if mute {
		<-r.Context().Done()
		return
	}
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"sid":"CA%d","status":"queued"}`, n)
}

func (o *outside) ntfy(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var m struct{ Topic, Click string }
	_ = json.Unmarshal(body, &m)
	o.mu.Lock()
	o.pushes = append(o.pushes, sent{at: time.Now(), host: r.Host, to: m.Topic, body: string(body), url: m.Click})
	o.mu.Unlock()
	fmt.Fprint(w, `{"id":"n1","event":"message"}`)
}

// The mail server's side.

func (o *outside) NewSession(*server.Conn) (server.Session, error) { return &letter{o: o}, nil }

type letter struct {
	o  *outside
	to string
}

func (l *letter) Mail(string, *server.MailOptions) error { return nil }

func (l *letter) Rcpt(to string, _ *server.RcptOptions) error {
	l.to = to
	return nil
}

func (l *letter) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	l.o.mu.Lock()
	defer l.o.mu.Unlock()
	l.o.mails = append(l.o.mails, sent{at: time.Now(), to: l.to, body: string(body)})
	return err
}

func (l *letter) Reset() {}

func (l *letter) Logout() error { return nil }

func (o *outside) dial(ctx context.Context, _, address string) (net.Conn, error) {
	l := o.hosts[address]
	if l == nil {
		return nil, fmt.Errorf("dial %s: connection refused", address)
	}
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.done:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (o *outside) took(list *[]sent) []sent {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(*list)
}

const gatewaysYAML = `mail: {server: "127.0.0.1:25", security: none, from: tocsin@example.org, reply_to: ack@tocsin.example.org}
phone:
  - {name: one, url: "%s", account: AC1, token_from: {file: token}, from: "+441632960000", replies: true}
  - {name: two, url: "%s", account: AC2, token_from: {file: token}, from: "+441632960001", replies: true}
`

// reached is a hub with its outside.
type reached struct {
	*virtualHub
	*outside
	config config.Config
	yaml   string
	began  time.Time
}

// inBubble runs a story in virtual time.
func inBubble(t *testing.T, yaml string, story func(*reached)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := &reached{outside: newOutside(t), yaml: yaml, config: config.Config{
			Listen: "127.0.0.1:7411", Data: filepath.Join(dir, "hub"), Gateways: filepath.Join(dir, "gateways.yaml"), PublicURL: "http://hub", MailListen: "127.0.0.1:7425",
		}}
		r.write(dir)
		r.start(t)
		time.Sleep(time.Minute) // past the quiet after a start
		r.began = time.Now()
		story(r)
		r.close()
	})
}

// write makes the files that the hub reads. Plain http goes to loopback only, so
// the hosts are names for the test's own dial.
func (r *reached) write(dir string) {
	text := fmt.Sprintf(gatewaysYAML, "http://127.0.0.1:81", "http://127.0.0.1:82")
	r.hosts["127.0.0.1:81"], r.hosts["127.0.0.1:82"] = r.hosts["phone-one.example.org:80"], r.hosts["phone-two.example.org:80"]
	for name, body := range map[string]string{"gateways.yaml": text, "token": "secret"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			r.outside.t.Fatal(err)
		}
	}
}

func (r *reached) start(t *testing.T) { r.virtualHub = startVirtualOn(t, r.config, r.dial, r.yaml) }

// after sleeps until so long after the story began.
func (r *reached) after(d time.Duration) {
	time.Sleep(time.Until(r.began.Add(d)))
	synctest.Wait()
}

// post is what a phone gateway or a browser does with an address of the hub.
func (r *reached) post(address string, form url.Values) (int, string) {
	return r.ask(http.MethodPost, address, strings.NewReader(form.Encode()))
}

// button is what the page of a link sends when its button is pressed.
var button = url.Values{"answer": {"acknowledge"}}

// press presses the button on the page of a link.
func (r *reached) press(link string) (int, string) { return r.post(link, button) }

func (r *reached) get(address string) (int, string) { return r.ask(http.MethodGet, address, nil) }

func (r *reached) ask(method, address string, body io.Reader) (int, string) {
	req, err := http.NewRequest(method, address, body)
	if err != nil {
		r.outside.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := r.public.Do(req)
	if err != nil {
		r.outside.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		r.outside.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// told lists what the timeline says of messages and answers, each as
// "+seconds kind user method".
func (r *reached) told(kinds ...string) []string {
	var list []string
	for _, e := range r.timeline(1) {
		if slices.Contains(kinds, e.Kind) {
			list = append(list, fmt.Sprintf("+%ds %s: %s", int(e.At.AsTime().Sub(r.began).Seconds()), e.Kind, e.Text))
		}
	}
	return list
}

func (r *reached) status() string {
	res, err := r.admin.ListIncidents(r.ctx, connect.NewRequest(&hubv1.ListIncidentsRequest{All: true}))
	if err != nil {
		r.outside.t.Fatal(err)
	}
	i := res.Msg.Incidents[len(res.Msg.Incidents)-1]
	return strings.TrimSpace(i.Status + " " + i.Holder)
}
