package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// webhook posts an event in the envelope of PagerDuty's webhooks v3, signed in
// their form, so that what receives those receives these.
type webhook struct {
	web
	secrets []string // more than one while a secret is being replaced
}

type webhookEvent struct {
	ID           string            `json:"id"`
	EventType    string            `json:"event_type"`
	ResourceType string            `json:"resource_type"`
	OccurredAt   string            `json:"occurred_at"`
	Agent        *webhookReference `json:"agent"`
	Client       *webhookClient    `json:"client"`
	Data         webhookData       `json:"data"`
}

type webhookClient struct {
	Name string `json:"name"`
}

type webhookData struct {
	ID        string             `json:"id"`
	Type      string             `json:"type"`
	Message   string             `json:"message,omitempty"` // of a test or a notice
	Number    uint64             `json:"number,omitempty"`
	Status    string             `json:"status,omitempty"`
	Title     string             `json:"title,omitempty"`
	Urgency   string             `json:"urgency,omitempty"`
	Priority  *webhookReference  `json:"priority,omitempty"`
	HTMLURL   string             `json:"html_url,omitempty"`
	CreatedAt string             `json:"created_at,omitempty"`
	Service   *webhookReference  `json:"service,omitempty"`
	Assignees []webhookReference `json:"assignees,omitempty"`
	Body      *webhookBody       `json:"body,omitempty"`
}

type webhookReference struct {
	Type    string `json:"type"`
	Summary string `json:"summary"`
}

type webhookBody struct {
	Type    string            `json:"type"`
	Details map[string]string `json:"details"`
}

// Send implements Sender.
func (w webhook) Send(ctx context.Context, m Message) (string, error) {
	body, err := json.Marshal(map[string]webhookEvent{"event": webhookOf(m)})
	if err != nil {
		return "", &Failure{Permanent: true, Sentence: "the webhook: the message cannot be written as JSON"}
	}
	header := http.Header{
		"Content-Type":           {"application/json"},
		"X-Pagerduty-Signature":  {w.sign(body)},
		"X-Webhook-Id":           {shortID(m.ID)},
		"X-Webhook-Subscription": {shortID(m.To.Address)},
	}
	status, _, err := w.post(ctx, "the webhook", m.To.Address, header, body)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("the webhook answered %d", status), nil
}

// sign is the header's value: v1= and the keyed hash of the body, for each
// secret.
func (w webhook) sign(body []byte) string {
	var all []string
	for _, secret := range w.secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		all = append(all, "v1="+hex.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, ",")
}

// webhookOf puts a message in the envelope. The same delivery has the same id.
func webhookOf(m Message) webhookEvent {
	e := webhookEvent{ID: shortID(m.ID), EventType: "incident.triggered", ResourceType: "incident", OccurredAt: m.Since.UTC().Format(time.RFC3339Nano)}
	if m.Test {
		e.EventType, e.ResourceType = "pagey.ping", "pagey"
		e.Data = webhookData{ID: e.ID, Type: "ping", Message: m.Title()}
		return e
	}
	e.Client = &webhookClient{"Tocsin"}
	if m.Notice != nil {
		e.EventType, e.ResourceType = "notice.created", "notice"
		e.Data = webhookData{
			ID: e.ID, Type: "notice", Title: m.Title(), Message: strings.Join(m.Lines(), "\n"), CreatedAt: e.OccurredAt,
			Assignees: []webhookReference{{"user_reference", m.Name}},
		}
		return e
	}
	e.Data = webhookData{
		ID: m.Thread, Type: "incident", Number: m.Number, Status: "triggered", Title: m.Title(), Urgency: string(m.Urgency),
		HTMLURL: m.Link, CreatedAt: e.OccurredAt,
		Service:   &webhookReference{"service_reference", m.subject()},
		Assignees: []webhookReference{{"user_reference", m.Name}},
	}
	if m.Priority != "" {
		e.Data.Priority = &webhookReference{"priority_reference", m.Priority}
	}
	if len(m.Bundle) > 0 { // by the worst of them, with all in the body
		e.Data.Number, e.Data.Service = m.Bundle[0].Number, &webhookReference{"service_reference", m.Bundle[0].Service}
		details := map[string]string{}
		for _, i := range m.Bundle {
			details[fmt.Sprintf("incident %d", i.Number)] = i.text()
		}
		e.Data.Body = &webhookBody{"incident_body", details}
		return e
	}
	if len(m.Details) > 0 {
		details := map[string]string{}
		for _, d := range m.Details {
			details[d.Name] = d.Value
		}
		e.Data.Body = &webhookBody{"incident_body", details}
	}
	return e
}
