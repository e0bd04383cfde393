// Package gateway sends messages by the ways that reach a person beside an
// enrolled device: one adapter a file, named for its technology. It knows
// nothing of who is paged, and of when; package courier does.
//
// What a message carries may come from anywhere: adapters keep it plain text
// (one line in headers, escaped in markup), and no error or answer of theirs
// carries a secret.
package gateway

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// Message is what one page, or one notice, tells one user by one contact method.
type Message struct {
	// ID names the delivery: the same however often it is sent, so that a gateway
	// that can tell repeats shows one. Letters, digits, dashes and dots.
	ID string
	// Thread names the incident: the same for all messages about it.
	Thread string
	To     responder.ContactMethod
	Name   string // of the user

	Number   uint64 // of the incident
	Service  string
	Severity incident.Severity
	Urgency  incident.Urgency
	Priority string    // P1 to P5, or nothing
	Since    time.Time // in the user's time zone

	// What only a service with outgoing_text: full lets out.
	Summary string
	Source  string
	Details []incident.Detail

	// Bundle lists the incidents of a message about several; the fields of one
	// are empty then, but for Urgency and Since.
	Bundle []Item

	// Link opens the page on which the user acknowledges; Call is where a phone
	// gateway asks what to say. Secrets, both; empty in a test.
	Link string
	Call string
	// Token is the secret itself, for the address that a mail is replied to; Code
	// is by which a text message is answered, 0 where none is.
	Token string
	Code  int
	// Cover says what somebody asks the user to take over, in a few words; empty
	// but for requests for cover.
	Cover string
	// Answer is what is told to somebody who replied; such a message asks nothing.
	Answer string
	// Try counts the calls before this one that nobody answered: another gateway
	// may have more luck.
	Try int
	// Test marks a message that is about no incident.
	Test bool
	// Notice, if set, is all that the message says: it is about no incident, wakes
	// nobody by itself, and has no link. Since is when it was made.
	Notice *Notice
}

// Notice is what the hub tells somebody beside pages.
type Notice struct {
	Title string // one line
	Text  string // sentences; may have several lines
}

// Item is one incident of a message about several.
type Item struct {
	Number   uint64
	Service  string
	Severity incident.Severity
	Summary  string // what only a service with outgoing_text: full lets out
}

// Sender is one adapter. Send answers what the gateway said when it took the
// message; what it did not take is a Failure. It may be called at any time and
// by many at once.
type Sender interface {
	Send(ctx context.Context, m Message) (string, error)
}

// Failure says that a gateway has not taken a message.
type Failure struct {
	// Permanent: the same message will not be taken another time either.
	Permanent bool
	Sentence  string        // for the timeline; no secrets
	After     time.Duration // how long the gateway wants to be left alone; 0: it has not said
}

func (f *Failure) Error() string { return f.Sentence }

// IsPermanent reports whether to send again is of no use. What nobody foresaw
// is worth another try.
func IsPermanent(err error) bool {
	f, ok := errors.AsType[*Failure](err)
	return ok && f.Permanent
}

// After is how long a gateway that has not taken a message wants to be left alone.
func After(err error) time.Duration {
	if f, ok := errors.AsType[*Failure](err); ok && !f.Permanent {
		return f.After
	}
	return 0
}

// Dial opens a connection.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Set has the sender for each kind of contact method that this hub can send by.
type Set struct {
	senders map[string]Sender
	signers []string // tokens by which phone gateways sign what they send
	replyTo string
}

// Kinds lists the kinds of contact method that messages can be sent by, sorted.
func (s *Set) Kinds() []string { return slices.Sorted(maps.Keys(s.senders)) }

// ReplyTo is the address that mails are replied to, before a token is added;
// empty: none is.
func (s *Set) ReplyTo() string { return s.replyTo }

// Send sends by the method that the message names. Gateways like to repeat what
// they were asked: no answer carries a secret of the message.
func (s *Set) Send(ctx context.Context, m Message) (string, error) {
	sender, ok := s.senders[m.To.Kind]
	if !ok {
		return "", &Failure{Permanent: true, Sentence: "this hub has no gateway for " + m.To.Kind + "; set one up in the file of hub serve --gateways"}
	}
	said, err := sender.Send(ctx, m)
	if f, ok := errors.AsType[*Failure](err); ok {
		hidden := *f
		hidden.Sentence = m.hide(f.Sentence)
		err = &hidden
	}
	return m.hide(said), err
}

// New makes the senders that settings allow. A nil dial is the network's own.
func New(s Settings, dial Dial) *Set {
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	web := newWeb(dial)
	set := &Set{senders: map[string]Sender{
		responder.KindNtfy:     ntfy{web: web, servers: s.Ntfy},
		responder.KindSlack:    slack{web},
		responder.KindTeams:    teams{web},
		responder.KindShoutrrr: service{},
	}}
	if s.Mail.Server != "" {
		set.replyTo = s.Mail.ReplyTo
		set.senders[responder.KindEmail] = smtp{settings: s.Mail, dial: dial}
	}
	if len(s.Phone) > 0 {
		set.senders[responder.KindPhone] = phone{web: web, gateways: s.Phone}
		set.senders[responder.KindSMS] = phone{web: web, gateways: s.Phone, text: true}
	}
	for _, g := range s.Phone {
		if g.SignToken != "" {
			set.signers = append(set.signers, g.SignToken)
		}
	}
	if len(s.Webhook.Secrets) > 0 {
		set.senders[responder.KindWebhook] = webhook{web: web, secrets: s.Webhook.Secrets}
	}
	return set
}
