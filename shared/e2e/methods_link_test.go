package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// browse asks for a page as a browser does, and checks what holds for all.
func (r *reached) browse(t *testing.T, method, address string) (int, string) {
	t.Helper()
	var form io.Reader
	if method == http.MethodPost {
		form = strings.NewReader(button.Encode())
	}
	req, err := http.NewRequest(method, address, form)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := r.public.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := string(body)
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "X-Robots-Tag": "noindex",
		"Content-Type": "text/html; charset=utf-8",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s %s: %s is %q, want %q", method, address, name, got, want)
		}
	}
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; ") || !strings.Contains(policy, "form-action 'self'; frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %q", policy)
	}
	if method == http.MethodHead {
		return res.StatusCode, page
	}
	_, style, _ := strings.Cut(page, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	if !strings.Contains(policy, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
		t.Errorf("the policy does not allow the page's own style: %s", policy)
	}
	if found := regexp.MustCompile(`(?i)<script|\bon\w+=|src=|url\(|@import|https?://`).FindString(page); found != "" {
		t.Errorf("the page holds %q", found)
	}
	return res.StatusCode, page
}

// shows checks a page.
func (r *reached) shows(t *testing.T, method, address string, status int, texts ...string) {
	t.Helper()
	got, page := r.browse(t, method, address)
	if got != status {
		t.Errorf("%s answered %d, want %d", method, got, status)
	}
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("%s: %q is not on the page:\n%s", method, text, page)
		}
	}
	if button := strings.Contains(page, "<button"); button != (len(texts) > 0 && strings.HasPrefix(texts[0], ">Acknowledge")) {
		t.Errorf("%s: a button: %t", method, button)
	}
}

func TestALinkShowsOneButtonAndOnlyTheButtonAcknowledges(t *testing.T) {
	inBubble(t, sleepers(adasPush), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		link := r.took(&r.pushes)[0].url
		for range 3 { // mail scanners and previews
			r.shows(t, http.MethodGet, link, 200, ">Acknowledge<", "critical incident 1", "<h1>The shop</h1>", "as Ada Adams")
			if status, _ := r.browse(t, http.MethodHead, link); status != 200 {
				t.Errorf("HEAD answered %d", status)
			}
		}
		if s := r.status(); s != "triggered" {
			t.Fatalf("looking changed it: %s", s)
		}
		r.shows(t, http.MethodPost, link, 200, "Acknowledged. You have it.")
		if s := r.status(); s != "acknowledged ada" {
			t.Errorf("%s", s)
		}
		r.shows(t, http.MethodPost, link, 200, "This was answered before. Ada Adams has it.")
		r.shows(t, http.MethodGet, link, 200, "This was answered before. Ada Adams has it.")
		r.shows(t, http.MethodGet, "http://hub/a/NOTONE", 404, "This link is not known, or too old.")
		r.shows(t, http.MethodPost, "http://hub/a/NOTONE", 404, "This link is not known, or too old.")
	})
}

func TestALinkToWhatIsOverOrTriggeredAgainSaysSo(t *testing.T) {
	inBubble(t, sleepers(adasPush), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		link := r.took(&r.pushes)[0].url
		r.send("resolve", "k", "critical")
		r.shows(t, http.MethodGet, link, 200, "It is resolved.")
		r.send("trigger", "k", "critical")
		r.shows(t, http.MethodGet, link, 200, "Too late: the incident was triggered again since. Nobody has it yet.")
		r.shows(t, http.MethodPost, link, 409, "Too late: the incident was triggered again since. Nobody has it yet.")
		if s := r.status(); s != "triggered" {
			t.Errorf("%s", s)
		}
	})
}

func TestALinkOfABundleShowsWhatStillWaits(t *testing.T) {
	inBubble(t, onlyAda(adasPush), func(r *reached) {
		r.storm(0, 20)
		r.after(bundled)
		pushes := r.took(&r.pushes)
		link := pushes[len(pushes)-1].url
		for _, key := range []string{"storm-3", "storm-4"} {
			r.send("resolve", key, "critical")
		}
		r.shows(t, http.MethodGet, link, 200, ">Acknowledge all 18<", "18 of these 20 incidents still wait")
		r.shows(t, http.MethodPost, link, 200, "18 of 20 incidents acknowledged, you have them. 2 were answered before, or somebody has them.")
		r.shows(t, http.MethodGet, link, 200, "All of these were answered, or are over.")
	})
}
