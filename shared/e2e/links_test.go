package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// linked is the address in the push that ada got.
func (r *reached) linked(n int) string {
	r.outside.t.Helper()
	pushes := r.took(&r.pushes)
	if len(pushes) <= n {
		r.outside.t.Fatalf("%d pushes", len(pushes))
	}
	return pushes[n].url
}

func TestALinkIsAnsweredByItsButtonOnly(t *testing.T) {
	inBubble(t, sleepers(adasPush), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		link := r.linked(0)
		for range 3 { // mail scanners and previews look, some more than once
			status, page := r.get(link)
			if status != http.StatusOK || !strings.Contains(page, "<button") || !strings.Contains(page, "as Ada Adams") || !strings.Contains(page, "The shop: critical incident 1") {
				t.Fatalf("%d %s", status, page)
			}
			if strings.Contains(page, "<script") || strings.Contains(page, "What if") {
				t.Errorf("%s", page)
			}
		}
		_, _ = r.ask(http.MethodHead, link, nil)
		if s := r.status(); s != "triggered" {
			t.Fatalf("looking made it %s", s)
		}
		if _, page := r.press(link); !strings.Contains(page, "Acknowledged. You have it.") || strings.Contains(page, "<button") {
			t.Errorf("%s", page)
		}
		if s := r.status(); s != "acknowledged ada" {
			t.Errorf("%s", s)
		}
	})
}

// Some scanners send what they find a form for, or ask with POST because HEAD was
// refused somewhere.
func TestAPostWithoutTheButtonAnswersNothing(t *testing.T) {
	inBubble(t, sleepers(adasPush), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		link := r.linked(0)
		for _, form := range []url.Values{nil, {"answer": {""}}, {"answer": {"decline"}}, {"Digits": {"1"}}} {
			if status, page := r.post(link, form); status != http.StatusBadRequest || !strings.Contains(page, "<button") {
				t.Errorf("%v: %d %s", form, status, page)
			}
		}
		if status, _ := r.post(link+"?answer=acknowledge", nil); status != http.StatusBadRequest {
			t.Errorf("the address alone answered: %d", status)
		}
		if s := r.status(); s != "triggered" {
			t.Fatalf("it is %s", s)
		}
		if _, page := r.press(link); !strings.Contains(page, "Acknowledged. You have it.") {
			t.Errorf("%s", page)
		}
	})
}

func TestALinkIsUsedOnce(t *testing.T) {
	inBubble(t, sleepers(adasPush), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		link := r.linked(0)
		r.press(link)
		for _, ask := range []func(string) (int, string){r.get, r.press} {
			if _, page := ask(link); !strings.Contains(page, "This was answered before. Ada Adams has it.") || strings.Contains(page, "<button") {
				t.Errorf("%s", page)
			}
		}
		n := 0
		for _, e := range r.timeline(1) {
			if e.Kind == "acknowledged" || e.Kind == "already" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d answers in the timeline", n)
		}
	})
}

func TestALinkThatComesTooLateSaysSo(t *testing.T) {
	inBubble(t, sleepers(adasPush), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		link := r.linked(0)
		r.send("resolve", "k", "critical")
		if _, page := r.get(link); !strings.Contains(page, "It is resolved.") || strings.Contains(page, "<button") {
			t.Errorf("%s", page)
		}
		r.send("trigger", "k", "critical") // within the reopen window: another opening
		r.after(2 * time.Second)
		if _, page := r.get(link); !strings.Contains(page, "Too late: the incident was triggered again since. Nobody has it yet.") {
			t.Errorf("%s", page)
		}
		if _, page := r.press(link); !strings.Contains(page, "Too late") {
			t.Errorf("%s", page)
		}
		if s := r.status(); s != "triggered" {
			t.Errorf("%s", s)
		}
		if _, page := r.press(r.linked(1)); !strings.Contains(page, "Acknowledged") {
			t.Errorf("%s", page)
		}
	})
}

func TestALinkAfterTheResolveDoesNothing(t *testing.T) {
	inBubble(t, sleepers(adasPush), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		r.send("resolve", "k", "critical")
		if _, page := r.press(r.linked(0)); !strings.Contains(page, "Nothing to do: It is resolved.") {
			t.Errorf("%s", page)
		}
		if s := r.status(); s != "resolved" {
			t.Errorf("%s", s)
		}
	})
}

func TestAnUnknownLinkTellsNothing(t *testing.T) {
	inBubble(t, sleepers(adasPush), func(r *reached) {
		for _, path := range []string{"/a/ABCDEFGHIJKLMNOPQRSTUVWXYZ", "/a/%00%27", "/call/x", "/call/x/key"} {
			if status, page := r.post("http://hub"+path, nil); status != http.StatusNotFound || strings.Contains(page, "Example Health") {
				t.Errorf("%s: %d %s", path, status, page)
			}
		}
	})
}

func TestAnAnsweredLinkSaysThatTheIncidentIsBack(t *testing.T) {
	inBubble(t, sleepers(adasPush), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		link := r.linked(0)
		r.press(link)
		r.send("resolve", "k", "critical")
		r.send("trigger", "k", "critical")
		r.after(2 * time.Second)
		for _, ask := range []func(string) (int, string){r.get, r.press} {
			if _, page := ask(link); !strings.Contains(page, "This was answered before, and the incident was triggered again since. Nobody has it yet.") {
				t.Errorf("%s", page)
			}
		}
	})
}
