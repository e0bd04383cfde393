package gateway

import (
	"bytes"
	"context"
	"strings"
)

// teams posts an adaptive card to a workflow's webhook of Microsoft Teams.
type teams struct{ web }

// Send implements Sender.
func (t teams) Send(ctx context.Context, m Message) (string, error) {
	block := func(text, size, weight string) map[string]any {
		return map[string]any{"type": "TextBlock", "text": teamsText(text), "wrap": true, "size": size, "weight": weight}
	}
	body := []any{block(m.Title(), "Large", "Bolder")}
	for _, l := range m.Lines() {
		body = append(body, block(l, "Default", "Default"))
	}
	card := map[string]any{
		"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body,
	}
	if m.Link != "" {
		card["actions"] = []any{map[string]any{"type": "Action.OpenUrl", "title": m.Verb(), "url": m.Link}}
	}
	_, answer, err := t.postJSON(ctx, "Teams", m.To.Address, nil, map[string]any{
		"type":        "message",
		"attachments": []any{map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}},
	})
	if err != nil {
		return "", err
	}
	// The older connectors answer 200 when they have failed.
	if saysNo(answer) || bytes.Contains(bytes.ToLower(answer), []byte("delivery failed")) {
		return "", unexpected("Teams", answer)
	}
	return line("Teams took it "+string(answer), maxLine), nil
}

// teamsText keeps a text from being read as Markdown.
func teamsText(s string) string {
	const special = "\\`*_[]<>#"
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(special, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
