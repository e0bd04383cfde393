package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin/hub/incident"
)

// EventsV2 is the kind of integration that speaks the PagerDuty Events API v2.
const EventsV2 = "events_v2"

// Bounds of the format: PagerDuty's own where it names one, else what fits on a
// screen.
const (
	maxKey         = 255
	maxSummary     = 1024
	maxField       = 255
	maxDetails     = 64
	maxDetailName  = 128
	maxDetailValue = 4096
	maxLinks       = 16
	maxHref        = 2048
	keyLength      = 32
)

// eventV2 is the body, as PagerDuty's api-schema has it (events-v2). What is not
// listed is ignored.
type eventV2 struct {
	RoutingKey  string          `json:"routing_key"`
	EventAction string          `json:"event_action"`
	DedupKey    string          `json:"dedup_key"`
	Payload     json.RawMessage `json:"payload"`
	Client      string          `json:"client"`
	ClientURL   string          `json:"client_url"`
	Links       []linkV2        `json:"links"`
}

type linkV2 struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

type payloadV2 struct {
	Summary       string          `json:"summary"`
	Source        string          `json:"source"`
	Severity      string          `json:"severity"`
	Timestamp     string          `json:"timestamp"`
	Component     string          `json:"component"`
	Group         string          `json:"group"`
	Class         string          `json:"class"`
	CustomDetails json.RawMessage `json:"custom_details"`
}

// answerV2 is what senders print when something is wrong.
type answerV2 struct {
	Status   string   `json:"status"`
	Message  string   `json:"message"`
	DedupKey string   `json:"dedup_key,omitempty"`
	Errors   []string `json:"errors,omitempty"`
}

func invalidV2(problems ...string) answerV2 {
	return answerV2{Status: "invalid event", Message: "Event object is invalid", Errors: problems}
}

// parseV2 reads a body. The answer is what to tell the sender if it is wrong.
func parseV2(raw []byte, header string) (event incident.Event, routingKey string, wrong *answerV2) {
	var m *eventV2
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return event, "", unreadableV2(raw, err)
	}
	if m.RoutingKey == "" {
		m.RoutingKey = header
	}
	problems := m.problems()
	event = incident.Event{Action: incident.Action(m.EventAction), Key: m.DedupKey}
	if event.Action == incident.Trigger {
		p, more := m.readPayload()
		problems = append(problems, more...)
		m.fill(&event, p)
	}
	if len(problems) > 0 {
		a := invalidV2(problems...)
		return event, m.RoutingKey, &a
	}
	if event.Key == "" {
		event.Key = incident.KeyOf(event)
	}
	return event, m.RoutingKey, nil
}

// unreadableV2 tells broken JSON from a field of the wrong type.
func unreadableV2(raw []byte, err error) *answerV2 {
	if kind := new(json.UnmarshalTypeError); errors.As(err, &kind) && kind.Field != "" && bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		a := invalidV2(wrongType(kind.Field, kind))
		return &a
	}
	return &answerV2{Status: "Unrecognized object", Message: "Event object format is unrecognized", Errors: []string{"JSON parse error"}}
}

func wrongType(field string, e *json.UnmarshalTypeError) string {
	expected := "an object"
	switch e.Type.Kind() {
	case reflect.Slice:
		expected = "a list"
	case reflect.String:
		expected = "a string"
	}
	got := "a " + e.Value
	switch {
	case e.Value == "array":
		got = "a list"
	case e.Value == "object":
		got = "an object"
	case e.Value == "bool":
		got = "true or false"
	case strings.HasPrefix(e.Value, "number"): // its digits may follow
		got = "a number"
	}
	return fmt.Sprintf("'%s' is %s, %s is expected", field, got, expected)
}

func (m *eventV2) problems() []string {
	var out []string
	switch {
	case m.RoutingKey == "":
		out = append(out, "'routing_key' is missing or blank")
	case utf8.RuneCountInString(m.RoutingKey) != keyLength:
		out = append(out, fmt.Sprintf("Length of 'routing_key' is incorrect (should be %d characters)", keyLength))
	}
	switch incident.Action(m.EventAction) {
	case incident.Trigger:
	case incident.Acknowledge, incident.Resolve:
		if m.DedupKey == "" {
			out = append(out, fmt.Sprintf("'dedup_key' is missing or blank (it is needed to %s)", m.EventAction))
		}
	case "":
		out = append(out, "'event_action' is missing or blank")
	default:
		out = append(out, "'event_action' is invalid (must be one of: trigger, acknowledge, resolve)")
	}
	if utf8.RuneCountInString(m.DedupKey) > maxKey {
		out = append(out, fmt.Sprintf("Length of 'dedup_key' is incorrect (should be at most %d characters)", maxKey))
	}
	return out
}

func (m *eventV2) readPayload() (payloadV2, []string) {
	var p payloadV2
	if len(m.Payload) == 0 || string(m.Payload) == "null" {
		return p, []string{"'payload' is missing or blank"}
	}
	if err := json.Unmarshal(m.Payload, &p); err != nil {
		kind := new(json.UnmarshalTypeError)
		if !errors.As(err, &kind) {
			return p, []string{"'payload' cannot be read"}
		}
		field := strings.TrimSuffix("payload."+kind.Field, ".")
		return p, []string{wrongType(field, kind)}
	}
	var out []string
	for _, f := range []struct{ name, value string }{{"summary", p.Summary}, {"source", p.Source}, {"severity", p.Severity}} {
		if strings.TrimSpace(f.value) == "" {
			out = append(out, fmt.Sprintf("'payload.%s' is missing or blank", f.name))
		}
	}
	// Some senders write severities with a capital.
	p.Severity = strings.ToLower(strings.TrimSpace(p.Severity))
	if p.Severity != "" && !slices.Contains(incident.Severities, incident.Severity(p.Severity)) {
		out = append(out, "'payload.severity' is invalid (must be one of: critical, error, warning, info)")
	}
	if _, err := timeV2(p.Timestamp); err != nil {
		out = append(out, "'payload.timestamp' is invalid (must be an ISO 8601 time with an offset)")
	}
	return p, out
}

// timeV2 reads both forms of offset that senders use, with and without a colon.
func timeV2(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05Z0700", s)
	}
	return t.UTC(), err
}

func (m *eventV2) fill(e *incident.Event, p payloadV2) {
	e.Summary = plain(p.Summary, maxSummary, false)
	e.Source = plain(p.Source, maxField, false)
	e.Severity = incident.Severity(p.Severity)
	e.OccurredAt, _ = timeV2(p.Timestamp) // checked in readPayload
	for _, d := range []incident.Detail{{Name: "component", Value: p.Component}, {Name: "group", Value: p.Group},
		{Name: "class", Value: p.Class}, {Name: "client", Value: m.Client}} {
		if d.Value != "" {
			d.Value = plain(d.Value, maxField, false)
			e.Details = append(e.Details, d)
		}
	}
	e.Details = append(e.Details, details(p.CustomDetails)...)
	if m.ClientURL != "" {
		m.Links = append([]linkV2{{Href: m.ClientURL, Text: m.Client}}, m.Links...)
	}
	for _, l := range m.Links {
		if len(e.Links) < maxLinks && webAddress(l.Href) {
			e.Links = append(e.Links, incident.Link{Href: l.Href, Text: plain(l.Text, maxField, false)})
		}
	}
}

// webAddress reports whether a link may be offered for opening: a person at
// 3 a.m. clicks what is there.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && plain(s, maxHref, false) == s && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// details lists the facts of any JSON value: the fields of an object by name,
// anything else as one.
func details(raw json.RawMessage) []incident.Detail {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return []incident.Detail{{Name: "details", Value: text(raw)}}
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	var out []incident.Detail
	for n, name := range names {
		if n == maxDetails {
			out = append(out, incident.Detail{Name: "…", Value: fmt.Sprintf("%d more", len(names)-n)})
			break
		}
		out = append(out, incident.Detail{Name: plain(name, maxDetailName, false), Value: text(fields[name])})
	}
	return out
}

// text is a JSON value as a person reads it: a string without its quotes,
// anything else as it came.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return plain(s, maxDetailValue, true)
	}
	return plain(string(raw), maxDetailValue, true)
}

func (h *Handler) enqueueV2(w http.ResponseWriter, r *http.Request) {
	raw, err := body(w, r)
	switch {
	case errors.Is(err, errTooLarge):
		answerJSON(w, http.StatusRequestEntityTooLarge, invalidV2(err.Error()))
		return
	case err != nil:
		answerJSON(w, http.StatusRequestTimeout, invalidV2("the body did not arrive"))
		return
	}
	event, key, wrong := parseV2(raw, headerKey(r))
	if wrong != nil {
		answerJSON(w, http.StatusBadRequest, *wrong)
		return
	}
	integration, ok := h.integration(key)
	switch {
	case !ok:
		answerJSON(w, http.StatusBadRequest, invalidV2("'routing_key' is not known to this hub"))
		return
	case integration.Kind != EventsV2:
		answerJSON(w, http.StatusBadRequest, invalidV2(fmt.Sprintf(
			"'routing_key' is the key of an integration of kind %s; its address is %s", integration.Kind, addressOf(integration.Kind))))
		return
	}
	event.Integration = integration.ID
	if _, err := h.Engine.Take(r.Context(), event); err != nil {
		code, sentence := h.status(err)
		answerJSON(w, code, answerV2{Status: "error", Message: sentence, Errors: []string{sentence}})
		return
	}
	answerJSON(w, http.StatusAccepted, answerV2{Status: "success", Message: "Event processed", DedupKey: event.Key})
}

// addressOf is where events of another kind belong.
func addressOf(kind string) string {
	if kind == incident.KindHeartbeat {
		return "/ping/<key>"
	}
	return "/integrations/v1/" + kind + "/<key>/, which this version does not serve yet"
}

// answerJSON writes an answer. That a sender hung up before it could be read is
// the sender's to notice.
func answerJSON(w http.ResponseWriter, code int, a any) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // people read it
	if err := encoder.Encode(a); err != nil {
		http.Error(w, "the answer could not be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(text.Bytes())
}
