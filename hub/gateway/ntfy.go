package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// ntfy publishes to a topic of an ntfy server, as JSON
// (https://docs.ntfy.sh/publish/#publish-as-json).
type ntfy struct {
	web
	servers []NtfyServer
}

type ntfyAction struct {
	Action  string            `json:"action"`
	Label   string            `json:"label"`
	URL     string            `json:"url"`
	Method  string            `json:"method,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	Clear   bool              `json:"clear,omitempty"`
}

type ntfyMessage struct {
	Topic    string       `json:"topic"`
	Title    string       `json:"title"`
	Message  string       `json:"message"`
	Priority int          `json:"priority"`
	Tags     []string     `json:"tags,omitempty"`
	Click    string       `json:"click,omitempty"`
	Actions  []ntfyAction `json:"actions,omitempty"`
	// Sequence lets the same message, sent again, take the place of the first.
	Sequence string `json:"sequence_id,omitempty"`
}

// formHeaders make a body a form; a browser sends it to another host without asking.
var formHeaders = map[string]string{"Content-Type": "application/x-www-form-urlencoded"}

// Send implements Sender.
func (n ntfy) Send(ctx context.Context, m Message) (string, error) {
	root, topic, ok := splitTopic(m.To.Address)
	if !ok {
		return "", &Failure{Permanent: true, Sentence: "ntfy: the address names no topic; it is the server's followed by / and the topic"}
	}
	out := ntfyMessage{
		Topic: topic, Title: m.Title(), Message: fit(m.Lines(), maxPush, jsonSize), Priority: 3, Click: m.Link, Sequence: shortID(m.ID),
	}
	if m.urgent() {
		out.Priority, out.Tags = 5, []string{"rotating_light"}
	}
	if m.Link != "" {
		out.Actions = []ntfyAction{
			{Action: "http", Label: m.Verb(), URL: m.Link, Method: http.MethodPost, Headers: formHeaders, Body: "answer=" + Click, Clear: true},
			{Action: "view", Label: "Open", URL: m.Link},
		}
	}
	header := http.Header{}
	for _, s := range n.servers {
		if strings.TrimSuffix(s.Server, "/") == strings.TrimSuffix(root, "/") && s.Token != "" {
			header.Set("Authorization", "Bearer "+s.Token)
		}
	}
	_, text, err := n.postJSON(ctx, "ntfy", root, header, out)
	if err != nil {
		return "", err
	}
	var answer struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(text, &answer) != nil || answer.ID == "" {
		return "", unexpected("ntfy", text)
	}
	return line("ntfy took it as "+answer.ID, maxLine), nil
}

// maxPush is what a message takes by ntfy's defaults: what is longer becomes an
// attachment, or is refused for good; a request has twice the room.
const maxPush = 4000

func jsonSize(s string) int {
	body, _ := json.Marshal(s) // strings always can
	return len(body)
}

// splitTopic parts the address of a topic from that of its server, which may
// live in a folder.
func splitTopic(address string) (root, topic string, ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", false
	}
	path := strings.Trim(u.Path, "/")
	folder := ""
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		folder, path = path[:i+1], path[i+1:]
	}
	u.Path, u.RawPath, u.RawQuery, u.Fragment = "/"+folder, "", "", ""
	return u.String(), path, path != ""
}

// shortID is an id in a form that every gateway takes.
func shortID(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:16])
}
