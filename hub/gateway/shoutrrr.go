package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// service sends by the many services that the library shoutrrr knows, each by
// an address of its own: telegram://…, pushover://…, matrix://…
//
// The library can neither be interrupted nor tell a repeat, and its errors carry
// addresses, which are secrets; only a status is taken from them.
type service struct{}

// Send implements Sender.
func (service) Send(ctx context.Context, m Message) (string, error) {
	name, _, ok := strings.Cut(m.To.Address, ":")
	name, _, _ = strings.Cut(name, "+")
	if !ok || name == "logger" {
		return "", &Failure{Permanent: true, Sentence: "the address names no service; it begins with the service's name, for example telegram://"}
	}
	text := serviceText(m)
	result := make(chan error, 1)
	go func() { result <- hand(m.To.Address, text) }()
	select {
	case err := <-result:
		if err != nil {
			return "", notServed(name, err)
		}
		return line(name+" took it", maxLine), nil
	case <-ctx.Done():
		return "", notReached(line(name, 30), ctx.Err())
	}
}

// maxService is how many characters every service takes, whatever they are: the
// library refuses what has more than 4096 bytes for some, Pushover more than 1024
// characters.
const maxService = 1000

// serviceText is the title, as many lines as there is room for, and the link.
func serviceText(m Message) string {
	link := ""
	if m.Link != "" {
		link = "\n" + m.Verb() + ": " + m.Link
	}
	title := m.Title() + "\n"
	return title + fit(m.Lines(), maxService-utf8.RuneCountInString(title+link), utf8.RuneCountInString) + link
}

// endless keeps the library from waiting for ever: several of its services use Go's
// default client, which has no bound, and cannot be given another.
var endless = sync.OnceFunc(func() { http.DefaultClient.Timeout = 10 * time.Second })

// hand gives a text to the library.
func hand(address, text string) (err error) {
	endless()
	defer func() {
		if p := recover(); p != nil {
			err = errAddress
		}
	}()
	sender, err := new(router.ServiceRouter).Locate(address)
	if err != nil {
		return fmt.Errorf("%w: %w", errAddress, err)
	}
	return sender.Send(text, &types.Params{})
}

// errAddress: the library cannot make anything of an address.
var errAddress = errors.New("the address is not understood")

// statusCode is a status in the library's words; what follows a colon, dot or slash
// at once is a port or part of an address.
var statusCode = regexp.MustCompile(`(?:^|[^\w:./-])([45]\d\d)\b`)

// notServed tells what passes from what stays by the status, where there is one.
func notServed(name string, err error) error {
	name = line(name, 30)
	if errors.Is(err, errAddress) {
		return &Failure{Permanent: true, Sentence: name + ": the address is not one that this service understands"}
	}
	found := statusCode.FindStringSubmatch(err.Error())
	if _, network := errors.AsType[net.Error](err); network || found == nil {
		return &Failure{Sentence: name + " did not take it"}
	}
	status, _ := strconv.Atoi(found[1]) // three digits
	return judge(name, status, nil)
}
