package link

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"

	"tocsin/shared/gen/tocsin/agent/v1/agentv1connect"
)

// CheckAddress answers the hub's address in its plain form, or a sentence why
// an agent must not talk to it.
func CheckAddress(address string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return "", fmt.Errorf("%q is no address of a hub: give one like https://tocsin.example.org", address)
	}
	switch {
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("the hub's address %q must be a plain one, with no user, query or fragment", u.Redacted())
	case u.Scheme == "https":
	case u.Scheme == "http" && loopback(u.Hostname()):
	case u.Scheme == "http":
		return "", fmt.Errorf("the hub at %s would be spoken to without encryption, which is only for a hub on this machine: use https", u.Host)
	default:
		return "", fmt.Errorf("%q is no address of a hub: it must begin with https:// (or http:// on this machine)", address)
	}
	return u.Scheme + "://" + u.Host + strings.TrimSuffix(u.Path, "/"), nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// addresses are the ways to one hub, tried in turn; the sender uses the one
// that the stream is on.
type addresses struct {
	clients []agentv1connect.AgentServiceClient
	hosts   []string
	at      atomic.Int32
}

func newAddresses(web connect.HTTPClient, all []string) *addresses {
	a := &addresses{}
	for _, address := range all {
		plain, err := CheckAddress(address)
		if err != nil {
			continue // the hub named one that this version must not use
		}
		u, _ := url.Parse(plain)
		a.hosts = append(a.hosts, u.Hostname())
		a.clients = append(a.clients, agentv1connect.NewAgentServiceClient(web, plain, connect.WithReadMaxBytes(maxFrame)))
	}
	return a
}

// maxFrame bounds what a hub can make the agent hold for one frame.
const maxFrame = 4 << 20

func (a *addresses) client() agentv1connect.AgentServiceClient { return a.clients[a.at.Load()] }

func (a *addresses) next() { a.at.Store((a.at.Load() + 1) % int32(len(a.clients))) }

// onlyLoopback: the machine's network does not matter.
func (a *addresses) onlyLoopback() bool {
	for _, host := range a.hosts {
		if !loopback(host) {
			return false
		}
	}
	return true
}

// webClient speaks HTTP to a hub. It has no timeout of its own, since a stream
// lasts; a credential never follows a redirect.
func webClient(transport http.RoundTripper, credential string) *http.Client {
	return &http.Client{
		Transport:     bearer{transport, credential},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ordinaryTransport is the way to a hub over the network.
func ordinaryTransport() http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   2,
		IdleConnTimeout:       time.Minute,
		ExpectContinueTimeout: time.Second,
	}
}

type bearer struct {
	next       http.RoundTripper
	credential string
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.credential != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+b.credential)
	}
	return b.next.RoundTrip(r)
}
