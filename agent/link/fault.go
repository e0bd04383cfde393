package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"connectrpc.com/connect"
)

// Kinds of what can go wrong between agent and hub. The errors around them are
// sentences to show.
var (
	ErrSignedOut = errors.New("this device is signed out")
	ErrProtocol  = errors.New("the hub speaks another protocol")
	ErrCode      = errors.New("the hub refuses the code")
)

// signedOut is the hub's word that this device is none of its devices any more,
// with its reason. It is an ErrSignedOut.
type signedOut string

func (s signedOut) Is(target error) bool { return target == ErrSignedOut }

// Error says it once, and then how to enrol again in the agent's words instead
// of the hub's.
func (s signedOut) Error() string {
	reason := strings.TrimSuffix(strings.TrimSuffix(string(s), "."), "; enrol it again with a new code")
	if reason == "" {
		reason = ErrSignedOut.Error()
	} else if !strings.Contains(reason, "this device") {
		reason = ErrSignedOut.Error() + ": " + reason
	}
	return reason + ". To enrol it again, ask for a code (hub enroll USER), then run agent --code CODE"
}

var errSilent = errors.New("the hub has been silent for 40 s")

// Sentence says to a person why a call to the hub, or the agent's own start,
// failed.
func Sentence(err error) string {
	var dial *net.OpError
	var dns *net.DNSError
	var answer *connect.Error
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrSignedOut), errors.Is(err, ErrProtocol), errors.Is(err, ErrCode), errors.Is(err, errSilent):
		return sentence(err.Error())
	case errors.Is(err, syscall.ECONNREFUSED):
		return "Nothing listens at the hub's address."
	case errors.As(err, &dns):
		return fmt.Sprintf("The hub's name %q cannot be found.", dns.Name)
	case errors.As(err, &dial):
		return sentence("The hub cannot be reached: " + dial.Err.Error())
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe):
		return "The connection to the hub broke off."
	case errors.As(err, &answer):
		return answerSentence(answer)
	case errors.Is(err, context.DeadlineExceeded):
		return "The hub does not answer."
	}
	return sentence(err.Error())
}

func answerSentence(err *connect.Error) string {
	switch err.Code() {
	case connect.CodeUnauthenticated:
		return sentence("signing in failed: " + err.Message())
	case connect.CodeDeadlineExceeded:
		return "The hub does not answer."
	case connect.CodeUnimplemented:
		return sentence("What answers at this address is not a Tocsin hub that this agent knows: " + err.Message())
	case connect.CodeUnavailable:
		return sentence("The hub cannot be reached: " + err.Message())
	case connect.CodeCanceled:
		return "The call to the hub was ended."
	case connect.CodeUnknown, connect.CodeInternal, connect.CodeInvalidArgument:
		if !connect.IsWireError(err) {
			return sentence("what answers at the hub's address is no Tocsin hub: " + err.Message())
		}
	}
	return sentence("The hub refused: " + err.Message())
}

// final says whether an error means that trying again soon is of no use, and
// puts it under its kind. Only the hub's own word counts: a proxy or a hotel's
// log-in page that answers 401 signs nobody out.
func final(err error) error {
	answer := fromHub(err)
	if answer == nil {
		return nil
	}
	switch answer.Code() {
	case connect.CodeUnauthenticated:
		return signedOut(answer.Message())
	case connect.CodeFailedPrecondition:
		return fmt.Errorf("%w: %s", ErrProtocol, answer.Message())
	}
	return nil
}

// retryAfter is the delay that a hub under load asks for; zero: none.
func retryAfter(err error) time.Duration {
	var answer *connect.Error
	if !errors.As(err, &answer) || answer.Code() != connect.CodeUnavailable {
		return 0
	}
	seconds, err := strconv.Atoi(answer.Meta().Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, time.Minute)
}

// fromHub answers the error if the hub has sent it, nil if it was made up on the
// way.
func fromHub(err error) *connect.Error {
	var answer *connect.Error
	if !errors.As(err, &answer) || !connect.IsWireError(answer) {
		return nil
	}
	return answer
}

// fieldless leaves out the field of the request that a message begins with: the
// person has not written the request.
func fieldless(message string) string {
	field, rest, ok := strings.Cut(message, ": ")
	if ok && strings.Trim(field, "abcdefghijklmnopqrstuvwxyz_") == "" {
		return rest
	}
	return message
}

// sentence gives a text a capital and a full stop.
func sentence(s string) string {
	s = strings.TrimSuffix(s, ".")
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		s = string(s[0]-'a'+'A') + s[1:]
	}
	return s + "."
}
