// Package fault gives an error a kind for the program, a sentence for the
// person and a cause for the log. It is translated at the edge, once: to Connect
// codes in package rpc, to exit codes in package cli.
package fault

import (
	"errors"
	"fmt"
)

// Kind is what a caller decides on.
type Kind int

// The kinds of error. Internal is everything that nobody foresaw.
const (
	Internal Kind = iota
	NotFound
	Conflict    // it is there already, or somebody else was faster
	Stale       // what was asked is about something that has changed since
	Invalid     // the request is wrong
	Denied      // the caller may not, or is not known
	Unavailable // try again later
	Protocol    // the two sides do not speak the same protocol
)

// Fault is an error that names its kind and says a sentence safe to show.
type Fault struct {
	Kind     Kind
	Sentence string
	Cause    error
}

func (f *Fault) Error() string {
	if f.Cause != nil {
		return f.Sentence + ": " + f.Cause.Error()
	}
	return f.Sentence
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// New makes a fault with a sentence for a person.
func New(k Kind, format string, args ...any) error {
	return &Fault{Kind: k, Sentence: fmt.Sprintf(format, args...)}
}

// Wrap makes a fault with a cause for the log.
func Wrap(k Kind, cause error, format string, args ...any) error {
	return &Fault{Kind: k, Sentence: fmt.Sprintf(format, args...), Cause: cause}
}

// KindOf finds the kind of an error.
func KindOf(err error) Kind {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f.Kind
	}
	return Internal
}

// Sentence is what may be shown of an error. Of one that nobody foresaw, that
// is only that it happened.
func Sentence(err error) string {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f.Sentence
	}
	return "the hub could not do this; its log says why"
}
