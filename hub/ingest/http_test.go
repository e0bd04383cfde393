package ingest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tocsin/hub/fault"
	"tocsin/hub/incident"
)

const resolveWithoutRoutingKey = `{"event_action":"resolve","dedup_key":"k"}`

func trigger(details string) []byte {
	return fmt.Appendf(nil, `{"routing_key":%q,"event_action":"trigger","dedup_key":"k",
		"payload":{"summary":"s","source":"s","severity":"error","custom_details":%s}}`, eventsKey, details)
}

func TestTheKeyMayStandInTheAuthorizationHeader(t *testing.T) {
	for header, want := range map[string]int{
		eventsKey:                         202,
		"Bearer " + eventsKey:             202,
		"Token token=" + eventsKey:        202,
		`Token token="` + eventsKey + `"`: 202,
		"Bearer " + otherKey:              400,
		"Bearer":                          400,
		"   ":                             400,
	} {
		if w := post(serve(&recorder{}), []byte(resolveWithoutRoutingKey), "Authorization", header); w.Code != want {
			t.Errorf("%q: %d %s", header, w.Code, w.Body)
		}
	}
	body := fmt.Sprintf(`{"routing_key":%q,"event_action":"resolve","dedup_key":"k"}`, eventsKey)
	if w := post(serve(&recorder{}), []byte(body), "Authorization", "Basic d2hhdGV2ZXI="); w.Code != 202 {
		t.Errorf("the key in the body counts before the header's: %d %s", w.Code, w.Body)
	}
}

func TestABodyOfAMebibyteIsTakenAndALargerOneIsNot(t *testing.T) {
	const limit = 1 << 20
	room := limit - len(trigger(`""`))
	for extra, want := range map[int]int{0: http.StatusAccepted, 1: http.StatusRequestEntityTooLarge, limit: http.StatusRequestEntityTooLarge} {
		var engine recorder
		w := post(serve(&engine), trigger(`"`+strings.Repeat("x", room+extra)+`"`))
		if w.Code != want {
			t.Errorf("%d bytes: %d %s", limit+extra, w.Code, w.Body)
		}
		if (want == http.StatusAccepted) != (len(engine.taken) == 1) {
			t.Errorf("%d bytes: taken %d times", limit+extra, len(engine.taken))
		}
		for _, e := range engine.taken {
			if n := len(e.Details[0].Value); n > 5000 {
				t.Errorf("%d bytes of details are kept", n)
			}
		}
	}
}

func TestAnEventThatCannotBeStoredIsAskedForAgain(t *testing.T) {
	for err, want := range map[error]int{
		io.ErrUnexpectedEOF:                                http.StatusServiceUnavailable,
		fault.New(fault.Unavailable, "try later"):          http.StatusServiceUnavailable,
		fault.New(fault.Denied, "the integration is gone"): http.StatusBadRequest,
	} {
		w := post(serve(&recorder{err: err}), trigger("null"))
		var answer struct {
			Status, Message string
			Errors          []string
		}
		if jsonErr := json.Unmarshal(w.Body.Bytes(), &answer); jsonErr != nil || w.Code != want || answer.Message == "" || len(answer.Errors) == 0 {
			t.Errorf("%v: %d %s", err, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "EOF") {
			t.Errorf("the cause is told to the sender: %s", w.Body)
		}
	}
}

func TestOnlyPostIsTaken(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		w := httptest.NewRecorder()
		serve(&recorder{}).ServeHTTP(w, httptest.NewRequest(method, "/v2/enqueue", bytes.NewReader(trigger("null"))))
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func TestABodyThatBreaksOffIsNoEvent(t *testing.T) {
	var engine recorder
	r := httptest.NewRequest(http.MethodPost, "/v2/enqueue", io.MultiReader(bytes.NewReader(trigger("null")), brokenOff{}))
	w := httptest.NewRecorder()
	serve(&engine).ServeHTTP(w, r)
	if w.Code != http.StatusRequestTimeout || len(engine.taken) > 0 {
		t.Errorf("%d %s, taken %d times", w.Code, w.Body, len(engine.taken))
	}
}

type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestPagerDutysGoClientGetsExactlyWhatItNeeds sends what
// github.com/PagerDuty/go-pagerduty sends, over a real connection: it takes 202
// for done and nothing else.
func TestPagerDutysGoClientGetsExactlyWhatItNeeds(t *testing.T) {
	var engine recorder
	server := httptest.NewServer(serve(&engine))
	defer server.Close()
	body := fmt.Sprintf(`{"routing_key":%q,"event_action":"trigger","payload":{"summary":"s","source":"s","severity":"error","timestamp":"2026-11-02T12:00:00.000+0000"}}`, eventsKey)
	res, err := http.Post(server.URL+"/v2/enqueue", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Status, Message string
		Errors          []string
		DedupKey        string `json:"dedup_key"`
	}
	if err := json.NewDecoder(bufio.NewReader(res.Body)).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusAccepted || answer.Status != "success" || answer.Message != "Event processed" || len(answer.Errors) > 0 {
		t.Errorf("%d %+v", res.StatusCode, answer)
	}
	if want := incident.KeyOf(engine.taken[0]); answer.DedupKey != want || engine.taken[0].Key != want {
		t.Errorf("the key answered is %q, the one stored %q", answer.DedupKey, engine.taken[0].Key)
	}
}
