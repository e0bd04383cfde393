package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// ringing is a phone gateway that first leaves callers hanging.
type ringing struct {
	*httptest.Server
	mu    sync.Mutex
	asked int
	hang  bool
	calls []url.Values
}

func newRinging(t *testing.T) *ringing {
	g := &ringing{hang: true}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		g.mu.Lock()
		g.asked++
		hang := g.hang
		if !hang {
			g.calls = append(g.calls, r.Form)
		}
		g.mu.Unlock()
		if hang {
			<-r.Context().Done()
			return
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"sid":"CA1","status":"queued"}`)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *ringing) look() (asked int, calls []url.Values) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked, g.calls
}

// TestAHubKilledWhileItCallsCallsAgain: what a gateway has not answered is sent
// by the hub that starts next, and the key press reaches it.
func TestAHubKilledWhileItCallsCallsAgain(t *testing.T) {
	g := newRinging(t)
	h := &hub{t: t, dir: t.TempDir(), listen: "127.0.0.1:0", key: routingKey}
	data := filepath.Join(h.dir, "hub")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"hub/gateways.yaml": `phone: [{url: "` + g.URL + `", account: AC1, token_from: {file: token}, from: "+441632960000"}]`,
		"hub/token":         "secret",
		"tocsin.yaml":       strings.Replace(sleepers(adasPhone), "{env: KEY}", "{env: TOCSIN_TEST_KEY}", 1),
	} {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.run()
	h.cli("apply", "-f", filepath.Join(h.dir, "tocsin.yaml"))
	if list := h.cli("method", "list"); !strings.Contains(list, "after 30s") || strings.Contains(list, "no gateway") {
		t.Errorf("%s", list)
	}
	h.send("trigger", "k", "disk full")
	waitFor(t, "the gateway is asked to call", func() bool { n, _ := g.look(); return n > 0 })
	h.kill()
	g.mu.Lock()
	g.hang = false
	g.mu.Unlock()
	h.run()
	waitFor(t, "the gateway calls", func() bool { _, calls := g.look(); return len(calls) > 0 })
	h.awaitEntry(1, "method_accepted", "ada")
	_, calls := g.look()
	if len(calls) != 1 || calls[0].Get("To") != "+441632960000" {
		t.Errorf("%v", calls)
	}
	res, err := http.PostForm(calls[0].Get("Url")+"/key", url.Values{"Digits": {"1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if said, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(said), "You have it") {
		t.Errorf("%s %v", said, err)
	}
	if i := h.incidents()[0]; i.Status != "acknowledged" || i.Holder != "ada" {
		t.Errorf("%+v", i)
	}
	h.verify(1)
}

// TestAHubWithAWrongFileOfGatewaysSaysWhere: it does not start half.
func TestAHubWithAWrongFileOfGatewaysSaysWhere(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "gateways.yaml")
	if err := os.WriteFile(file, []byte("mail:\n  sevrer: smtp.example.org:587\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program(t, "hub"), "serve", "--data", filepath.Join(dir, "hub"), "--listen", "127.0.0.1:0", "--gateways", file).CombinedOutput()
	if err == nil || !strings.Contains(string(out), `gateways.yaml:2:3: unknown field "sevrer"`) {
		t.Errorf("%v: %s", err, out)
	}
}
