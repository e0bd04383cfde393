package answer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/fault"
	"tocsin/hub/gateway"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

const (
	// answerable is how long a text message may be answered by its number.
	answerable = 24 * time.Hour
	// textHints: people have one number for all messages, and mistype again.
	textHints = time.Hour
)

// text takes a text message that somebody sent back. Without the gateway's
// signature nothing is done: whose number it came from is the gateway's word.
func (h *Handler) text(w http.ResponseWriter, r *http.Request) {
	form, ok := formOf(w, r)
	if !ok {
		return
	}
	if h.Signed == nil || !h.Signed(h.URL()+r.URL.RequestURI(), form, r.Header.Get("X-Twilio-Signature")) {
		h.Log.Warn("a text message was refused: its signature is not that of a phone gateway of this hub, or --public-url is not the address that the gateway knows")
		http.Error(w, "the signature is not valid", http.StatusForbidden)
		return
	}
	id := form.Get("MessageSid")
	if id == "" {
		http.Error(w, "MessageSid is missing", http.StatusBadRequest)
		return
	}
	said, err := h.answerText(r.Context(), "sms:"+id, form.Get("From"), form.Get("Body"))
	if err != nil {
		h.Log.Error("a text message could not be answered", "err", err)
		said = "The hub could not do this just now. Please send it again."
	}
	say(w, gateway.Text(said))
}

// answerText gives the text to send back; none to a number that nobody has.
func (h *Handler) answerText(ctx context.Context, id, from, body string) (string, error) {
	ways := h.waysTo(from)
	if len(ways) == 0 {
		h.Log.Info("a text message came from a number that is nobody's contact method")
		return "", nil
	}
	said, understood := understand(body)
	var chosen store.Reply
	var question string
	err := h.Store.Update(ctx, func(tx store.Tx) (err error) {
		question = ""
		chosen, err = tx.Reply(id)
		if !errors.Is(err, store.ErrNotFound) {
			return err // known: it means what it meant then
		}
		c := chooser{tx: tx, known: map[incident.ID]incident.Incident{}}
		hash, ask, err := c.choose(ways, said, understood, engine.Now())
		if err != nil || hash == "" {
			question = ask
			return err
		}
		chosen = store.Reply{ID: id, Hash: hash, Verb: string(said.verb)}
		return tx.AddReply(chosen, engine.Now())
	})
	if err == nil && !understood && chosen.Hash == "" && !h.hints.once(from, textHints, engine.Now()) {
		h.Log.Warn("text messages that are not understood go unanswered for a while: they may come from a program")
		return "", nil
	}
	if err != nil || question != "" {
		return question, err
	}
	q, err := h.findHash(ctx, chosen.Hash)
	if fault.KindOf(err) == fault.NotFound {
		return "There is nothing to answer any more.", nil
	}
	if err != nil {
		return "", err
	}
	text, _, err := h.answer(ctx, q, verb(chosen.Verb))
	return q.message.Title() + ". " + text, err
}

// way is one method of one user.
type way struct {
	user   responder.UserID
	method responder.MethodID
}

// waysTo lists whom texts to a number are for.
func (h *Handler) waysTo(number string) []way {
	var list []way
	for _, u := range h.Org().Users {
		for _, m := range u.ContactMethods {
			if m.Kind == responder.KindSMS && m.Address == number && number != "" {
				list = append(list, way{u.ID, m.ID})
			}
		}
	}
	return list
}

// chooser finds out which message a text answers.
type chooser struct {
	tx    store.Tx
	known map[incident.ID]incident.Incident
}

// mostTokens is how many messages are looked through for the one that is
// answered.
const mostTokens = 200

// mostChoices is how many messages are named when it is asked back.
const mostChoices = 5

// choose gives the token of the message that is answered, or what to ask back.
func (c chooser) choose(ways []way, said reply, understood bool, now time.Time) (hash, ask string, err error) {
	var tokens []store.Token
	for _, w := range ways {
		all, err := c.tx.TokensOf(w.user, now.Add(-answerable), mostTokens)
		if err != nil {
			return "", "", err
		}
		for _, t := range all {
			if t.Method == w.method && t.Code != 0 {
				tokens = append(tokens, t)
			}
		}
	}
	open, err := c.open(tokens)
	if err != nil {
		return "", "", err
	}
	if !understood {
		return "", c.ask("This was not understood.", open), nil
	}
	if said.number == 0 {
		if len(open) == 1 {
			return open[0].Hash, "", nil
		}
		if len(open) == 0 && len(tokens) > 0 && said.verb == resolve {
			return tokens[0].Hash, "", nil // who acknowledged the last one resolves it
		}
		return "", c.ask("", open), nil
	}
	var byCode, byNumber []store.Token
	for _, t := range tokens {
		if t.Code == said.number && len(byCode) == 0 {
			byCode = append(byCode, t)
		}
		if i, err := c.load(t.About[0].Incident); err != nil {
			return "", "", err
		} else if len(t.About) == 1 && i.Number == uint64(said.number) && len(byNumber) == 0 {
			byNumber = append(byNumber, t)
		}
	}
	switch {
	case len(byCode)+len(byNumber) == 0:
		return "", c.ask(fmt.Sprintf("There is no message %d to answer.", said.number), open), nil
	case len(byCode) == 0:
		return byNumber[0].Hash, "", nil
	case len(byNumber) == 0 || byNumber[0].Hash == byCode[0].Hash || !c.asks(byNumber[0]):
		return byCode[0].Hash, "", nil
	}
	return "", c.ask(fmt.Sprintf("%d is a message and an incident.", said.number), open), nil
}

// open leaves out what is answered or over, and messages whose incidents a newer
// one tells of too.
func (c chooser) open(tokens []store.Token) ([]store.Token, error) {
	var list []store.Token
	told := map[incident.ID]bool{}
	for _, t := range tokens { // newest first
		fresh := false
		for _, a := range t.About {
			i, err := c.load(a.Incident)
			if err != nil {
				return nil, err
			}
			if (part{a, i}).asks() && !told[a.Incident] {
				fresh = true
			}
		}
		if !fresh {
			continue
		}
		for _, a := range t.About {
			told[a.Incident] = true
		}
		list = append(list, t)
	}
	return list, nil
}

func (c chooser) asks(t store.Token) bool {
	for _, a := range t.About {
		if i, err := c.load(a.Incident); err == nil && (part{a, i}).asks() {
			return true
		}
	}
	return false
}

func (c chooser) load(id incident.ID) (incident.Incident, error) {
	if i, ok := c.known[id]; ok {
		return i, nil
	}
	r, err := c.tx.Load(id)
	c.known[id] = r.Incident
	return r.Incident, err
}

// ask says which answers there are.
func (c chooser) ask(why string, open []store.Token) string {
	if len(open) == 0 {
		return strings.TrimSpace(why + " Nothing waits for your answer.")
	}
	lines := []string{strings.TrimSpace(why + " Which one?")}
	if len(open) == 1 {
		lines[0] = strings.TrimSpace(why)
	}
	for n, t := range open {
		if n == mostChoices {
			break
		}
		what := fmt.Sprintf("%d incidents", len(t.About))
		if i, err := c.load(t.About[0].Incident); err == nil && len(t.About) == 1 {
			what = fmt.Sprintf("incident %d", i.Number)
		}
		lines = append(lines, fmt.Sprintf("Reply %d to acknowledge %s, %d no to pass on.", t.Code, what, t.Code))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
