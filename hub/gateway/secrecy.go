package gateway

import (
	"net/url"
	"strings"

	"tocsin/hub/responder"
)

// hidden stands in the place of a secret.
const hidden = "[hidden]"

// shortestSecret is how much of a secret may stand at the end of a text that was
// cut.
const shortestSecret = 6

// hide takes the message's secrets out of what a gateway said: whoever reads a
// timeline must not be able to answer in somebody else's place, nor write to their
// address.
func (m Message) hide(said string) string {
	for _, secret := range m.secrets() {
		said = strings.ReplaceAll(said, secret, hidden)
		for n := len(secret) - 1; n >= shortestSecret; n-- {
			said = strings.ReplaceAll(said, secret[:n]+"…", hidden+"…")
		}
	}
	return said
}

// secrets are the token, in the case that each kind of address has it in, and what
// of the contact method's address only its owner knows.
func (m Message) secrets() []string {
	list := []string{}
	add := func(text string) {
		if len(text) >= shortestSecret {
			list = append(list, text)
		}
	}
	add(m.Token)
	add(strings.ToLower(m.Token))
	if u, err := url.Parse(m.To.Address); err == nil && u.Host != "" {
		password, _ := u.User.Password()
		add(u.RequestURI()) // with its slash, or a folder's name would be hidden in every sentence
		add(u.Path)
		add(password)
	}
	if _, topic, ok := splitTopic(m.To.Address); ok && m.To.Kind == responder.KindNtfy {
		add(topic)
	}
	return list
}
