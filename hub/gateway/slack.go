package gateway

import (
	"context"
	"strings"
	"unicode/utf8"
)

// slack posts to an incoming webhook of Slack, or of what speaks its form
// (Mattermost, Rocket.Chat, Zulip).
type slack struct{ web }

// Send implements Sender.
func (s slack) Send(ctx context.Context, m Message) (string, error) {
	text := slackText(fit(m.Lines(), maxSection, func(s string) int { return utf8.RuneCountInString(slackText(s)) }))
	blocks := []any{
		map[string]any{"type": "header", "text": map[string]any{"type": "plain_text", "text": line(m.Title(), 150)}},
		map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text}},
	}
	fallback := slackText(m.Title())
	if m.Link != "" {
		button := map[string]any{"type": "button", "style": "danger", "url": m.Link,
			"text": map[string]any{"type": "plain_text", "text": m.Verb()}}
		blocks = append(blocks, map[string]any{"type": "actions", "elements": []any{button}})
		fallback += " <" + m.Link + "|" + m.Verb() + ">"
	}
	_, answer, err := s.postJSON(ctx, "the chat", m.To.Address, nil, map[string]any{"text": fallback, "blocks": blocks})
	if err != nil {
		return "", err
	}
	if saysNo(answer) {
		return "", unexpected("the chat", answer)
	}
	return line("the chat answered "+string(answer), maxLine), nil
}

// maxSection is what a section takes; Slack refuses what is longer for good.
const maxSection = 3000

// slackText keeps a text from being read as markup.
func slackText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
