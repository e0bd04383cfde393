package gateway

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tocsin/hub/responder"
)

func TestTheGatewaysSignatureIsChecked(t *testing.T) {
	set := New(Settings{Phone: []PhoneGateway{{SignToken: "other"}, {SignToken: "12345"}}}, nil)
	const address, good = "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
	form := func() url.Values { // the example of the interface's own libraries
		return url.Values{"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"}}
	}
	if !set.Signed(address, form(), good) {
		t.Error("a good signature was refused")
	}
	changed := form()
	changed.Set("Digits", "1")
	for name, signed := range map[string]bool{
		"a changed form":    set.Signed(address, changed, good),
		"another address":   set.Signed(strings.Replace(address, "https", "http", 1), form(), good),
		"another signature": set.Signed(address, form(), "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
		"no signature":      set.Signed(address, form(), ""),
		"nonsense":          set.Signed(address, form(), "%%%"),
		"no gateway":        New(Settings{}, nil).Signed(address, form(), good),
	} {
		if signed {
			t.Errorf("%s was taken", name)
		}
	}
}

// slow is a phone gateway in a bubble's time that takes a while to answer.
func slow(t *testing.T, takes time.Duration) (Dial, func() int) {
	t.Helper()
	var asked atomic.Int32
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		time.Sleep(takes)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"sid":"CA1","status":"queued"}`)
	})}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		l.conns <- there
		return here, nil
	}, func() int { return int(asked.Load()) }
}

// pipes is a listener in memory.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{} }

// A gateway that is left before it answers has placed its call all the same: the
// next try rings a second time.
func TestAnOnlyPhoneGatewayHasAllTheTimeThatThereIs(t *testing.T) {
	for _, gateways := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			dial, asked := slow(t, 8*time.Second)
			one := PhoneGateway{URL: "http://127.0.0.1:81", Account: "AC1", User: "AC1", Token: "t", From: "+15005550006"}
			set := New(Settings{Phone: slices.Repeat([]PhoneGateway{one}, gateways)}, dial)
			ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
			defer cancel()
			began := time.Now()
			_, err := set.Send(ctx, about(responder.KindPhone, "+441632960000"))
			if gateways == 1 && err != nil {
				t.Errorf("after %s: %v", time.Since(began), err)
			}
			if asked() != gateways {
				t.Errorf("%d of %d gateways were asked", asked(), gateways)
			}
			time.Sleep(10 * time.Second) // until the server has done
		})
	}
}
