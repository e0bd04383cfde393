package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// went tells the hub how a call stands, as its gateway does.
func (r *reached) went(t *testing.T, call sent, statuses ...string) {
	t.Helper()
	for _, s := range statuses {
		if code, said := r.post(call.url+"/status", url.Values{"CallSid": {"CA1"}, "CallStatus": {s}}); code != 204 {
			t.Errorf("%s was answered %d %s", s, code, said)
		}
	}
}

func (r *reached) calledAt(t *testing.T) (at []string) {
	t.Helper()
	for _, c := range r.took(&r.calls) {
		host, _, _ := strings.Cut(c.host, ".")
		at = append(at, fmt.Sprintf("+%s %s", c.at.Sub(r.began), host))
	}
	return at
}

func TestACallThatNobodyAnswersIsMadeAgainByTheOtherGatewayToo(t *testing.T) {
	inBubble(t, onlyAda(adasPhone), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		r.went(t, r.took(&r.calls)[0], "queued", "initiated", "ringing", "ringing", "busy", "no-answer", "ringing")
		r.after(40 * time.Second)
		r.went(t, r.took(&r.calls)[1], "initiated", "ringing", "no-answer")
		r.after(2 * time.Minute)
		r.went(t, r.took(&r.calls)[2], "failed")
		r.after(250 * time.Second)
		if len(r.took(&r.calls)) != 4 {
			t.Fatalf("%v", r.calledAt(t))
		}
		fourth := r.took(&r.calls)[3]
		r.went(t, fourth, "ringing", "in-progress")
		if _, said := r.post(fourth.url+"/key", url.Values{"Digits": {"1"}}); !strings.Contains(said, "You have it") {
			t.Errorf("%s", said)
		}
		r.went(t, fourth, "completed")
		r.after(time.Hour / 3)
		expect(t, "calls", r.calledAt(t), []string{"+0s phone-one", "+31s phone-two", "+1m40s phone-one", "+4m0s phone-two"})
		expect(t, "the timeline", r.told("call", "acknowledged"), []string{
			"+1s call: The call to Ada Adams by phone rings",
			"+1s call: The call to Ada Adams by phone was busy; again in 30s",
			"+40s call: The call to Ada Adams by phone rings",
			"+40s call: The call to Ada Adams by phone was not answered; again in 1m0s",
			"+120s call: The call to Ada Adams by phone could not be put through; again in 2m0s",
			"+250s call: The call to Ada Adams by phone rings",
			"+250s call: The call to Ada Adams by phone was answered",
			"+250s acknowledged: Acknowledged by Ada Adams by phone",
		})
	})
}

func TestAnAnsweredCallWithoutAKeySaysSo(t *testing.T) {
	inBubble(t, onlyAda(adasPhone), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		r.went(t, r.took(&r.calls)[0], "in-progress", "completed")
		r.after(4 * time.Minute)
		expect(t, "calls", r.calledAt(t), []string{"+0s phone-one"})
		expect(t, "the timeline", r.told("call"), []string{
			"+1s call: The call to Ada Adams by phone was answered",
			"+1s call: The call to Ada Adams by phone was answered, and no key was pressed",
		})
	})
}

func TestNobodyIsCalledAgainForWhatIsTaken(t *testing.T) {
	inBubble(t, onlyAda(adasPhone), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		r.went(t, r.took(&r.calls)[0], "busy")
		r.after(20 * time.Second)
		r.send("acknowledge", "storm-0", "critical")
		r.after(10 * time.Minute)
		expect(t, "calls", r.calledAt(t), []string{"+0s phone-one"})
	})
}

func TestCallsThatAreBusyWithEachOtherBecomeOne(t *testing.T) {
	inBubble(t, onlyAda(adasPhone), func(r *reached) {
		r.storm(0, 5)
		r.after(time.Second)
		for _, c := range r.took(&r.calls) {
			r.went(t, c, "busy")
		}
		r.after(40 * time.Second)
		calls := r.took(&r.calls)
		if len(calls) != 6 {
			t.Fatalf("%v", r.calledAt(t))
		}
		if _, said := r.post(calls[5].url+"/key", url.Values{"Digits": {"1"}}); !strings.Contains(said, "5 of 5 incidents acknowledged") {
			t.Errorf("%s", said)
		}
	})
}

func TestACallAboutAStormThatNobodyAnswersIsMadeAgain(t *testing.T) {
	inBubble(t, onlyAda(adasPhone), func(r *reached) {
		one, two := r.hangs("phone-one"), r.hangs("phone-two")
		r.storm(0, 20) // none joins it, as nothing rings yet
		r.after(time.Second)
		one()
		two()
		r.after(1500 * time.Millisecond)
		one, two = r.hangs("phone-one"), r.hangs("phone-two")
		r.after(4 * time.Second) // the gateways take their time for the bundle, too
		one()
		two()
		r.after(6 * time.Second)
		calls := r.took(&r.calls)
		r.went(t, calls[len(calls)-1], "ringing", "busy")
		r.after(50 * time.Second)
		again := r.took(&r.calls)
		if len(again) != len(calls)+1 {
			t.Fatalf("calls before %d, after %v", len(calls), r.calledAt(t))
		}
		if _, said := r.post(again[len(again)-1].url+"/key", url.Values{"Digits": {"1"}}); !strings.Contains(said, "20 of 20 incidents acknowledged") {
			t.Errorf("%s", said)
		}
	})
}

func TestCallsAreMadeAgainAfterAStart(t *testing.T) {
	inBubble(t, strings.Replace(onlyAda(adasPhone), "timeout: 5m", "timeout: 2h", 1), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		r.went(t, r.took(&r.calls)[0], "busy")
		r.close()
		r.after(6 * time.Minute)
		r.start(r.outside.t)
		r.after(6*time.Minute + 15*time.Second)
		expect(t, "calls in the quiet after the start", r.calledAt(t), []string{"+0s phone-one"})
		r.after(6*time.Minute + 30*time.Second)
		if n := len(r.took(&r.calls)); n != 2 {
			t.Errorf("%v", r.calledAt(t))
		}
	})
}

func TestACallsTriesAreBounded(t *testing.T) {
	yaml := strings.Replace(onlyAda(adasPhone), "timeout: 5m", "timeout: 2h", 1)
	inBubble(t, yaml, func(r *reached) {
		r.storm(0, 1)
		seen := 0
		for r.after(time.Second); time.Since(r.began) < time.Hour; time.Sleep(time.Second) {
			for calls := r.took(&r.calls); seen < len(calls); seen++ {
				r.went(t, calls[seen], "no-answer")
			}
		}
		if seen != 5 {
			t.Errorf("%v", r.calledAt(t))
		}
		told := r.told("call")
		if last := told[len(told)-1]; !strings.HasSuffix(last, "was not answered; that was the last one") {
			t.Errorf("%s", last)
		}
	})
}

func TestATextThatIsNotDeliveredIsSentAgainByTheOtherGateway(t *testing.T) {
	inBubble(t, onlyAda(adasTexts), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		tell := func(n int, status string) {
			text := r.took(&r.calls)[n]
			if code, _ := r.post(text.status, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {status}}); code != 204 {
				t.Errorf("%d", code)
			}
		}
		tell(0, "sent")
		tell(0, "undelivered")
		r.after(40 * time.Second)
		tell(1, "delivered")
		r.after(4 * time.Minute)
		expect(t, "texts", r.calledAt(t), []string{"+0s phone-one", "+31s phone-two"})
		expect(t, "the timeline", r.told("call"), []string{
			"+1s call: The text to Ada Adams by text was not delivered; again in 30s",
			"+40s call: The text to Ada Adams by text was delivered",
		})
	})
}

func TestOnlyCallsAndTextsHaveAWordOfTheirGateway(t *testing.T) {
	inBubble(t, onlyAda(adasPush), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		call := strings.Replace(r.took(&r.pushes)[0].url, "/a/", "/call/", 1)
		r.went(t, sent{url: call}, "busy")
		r.after(2 * time.Minute)
		if n := len(r.took(&r.pushes)); n != 1 || len(r.told("call")) != 0 {
			t.Errorf("%d pushes", n)
		}
	})
}

func TestACallOfWhichItsGatewayTellsIsNotMadeTwiceAlthoughItsAnswerWasLost(t *testing.T) {
	for what, tells := range map[string]func(r *reached, c sent){
		"how it goes":  func(r *reached, c sent) { r.post(c.status, url.Values{"CallStatus": {"initiated"}}) },
		"that it asks": func(r *reached, c sent) { r.post(c.url, nil) },
	} {
		inBubble(t, sleepers(adasPhone), func(r *reached) {
			r.silent("phone-one", "phone-two")
			r.send("trigger", "k", "critical")
			r.after(time.Second)
			tells(r, r.took(&r.calls)[0])
			r.after(4 * time.Minute) // her level has five
			if calls := r.took(&r.calls); len(calls) != 1 {
				t.Errorf("%s: %d calls", what, len(calls))
			}
			expect(t, what, r.told("method_accepted", "method_delayed", "method_failed", "page_failed"), []string{
				"+1s method_accepted: The message to Ada Adams was taken by phone: its gateway tells of it",
			})
		})
	}
}

func TestATextOfWhichItsGatewayTellsIsNotSentTwiceAlthoughItsAnswerWasLost(t *testing.T) {
	inBubble(t, sleepers(`{id: sms, kind: sms, number: "+441632960000", wakes: true}`), func(r *reached) {
		r.silent("phone-one", "phone-two")
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		r.post(r.took(&r.calls)[0].status, url.Values{"MessageStatus": {"sent"}})
		r.after(4 * time.Minute)
		if texts := r.took(&r.calls); len(texts) != 1 {
			t.Errorf("%d texts", len(texts))
		}
	})
}

func TestACallThatIsMadeAgainIsNotMadeOnceMoreAlthoughItsAnswerWasLost(t *testing.T) {
	inBubble(t, sleepers(adasPhone), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		r.post(r.took(&r.calls)[0].status, url.Values{"CallStatus": {"no-answer"}})
		r.silent("phone-one", "phone-two")
		r.after(32 * time.Second)
		calls := r.took(&r.calls)
		if len(calls) != 2 {
			t.Fatalf("%d calls", len(calls))
		}
		r.post(calls[1].status, url.Values{"CallStatus": {"ringing"}})
		r.post(calls[1].status, url.Values{"CallStatus": {"in-progress"}})
		r.after(4 * time.Minute)
		if calls = r.took(&r.calls); len(calls) > 3 { // the other gateway was asked before it was known
			t.Errorf("%d calls: %+v", len(calls), calls)
		}
	})
}

func TestAnAcceptanceThatTheGatewayToldFirstIsToldOnce(t *testing.T) {
	inBubble(t, sleepers(adasPhone), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		r.post(r.took(&r.calls)[0].status, url.Values{"CallStatus": {"initiated"}})
		r.after(2 * time.Second)
		if told := r.told("method_accepted"); len(told) != 1 {
			t.Errorf("%s", strings.Join(told, "\n"))
		}
	})
}
