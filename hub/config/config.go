// Package config holds the hub process's own settings and checks them.
package config

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"tocsin/hub/fault"
)

// Config is what a hub process needs to know before it starts.
type Config struct {
	Listen string // host:port, loopback only while there is no TLS
	Data   string // the folder of the database, the audit key and the socket
	// PublicURL is where browsers and phone gateways reach the hub; empty: where
	// it listens.
	PublicURL string
	// Gateways is the file that says by what messages are sent; empty:
	// gateways.yaml in the data folder, if it is there.
	Gateways string
	// MailListen is host:port at which a mail server hands in replies; empty:
	// nowhere.
	MailListen string
}

// DefaultListen is where a hub listens unless told otherwise.
const DefaultListen = "127.0.0.1:7411"

// DefaultData is $XDG_STATE_HOME/tocsin/hub, or ~/.local/state/tocsin/hub.
func DefaultData() string {
	state := os.Getenv("XDG_STATE_HOME")
	if state == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ".tocsin-hub"
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "tocsin", "hub")
}

// Check says what is wrong with the settings, as a fault.Invalid that names the
// setting, or nil.
func (c Config) Check() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fault.New(fault.Invalid, "--listen: %q is not host:port, for example %s", c.Listen, DefaultListen)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fault.New(fault.Invalid, "--listen: %q is not a loopback address; without TLS this version listens on loopback only, for example %s", c.Listen, DefaultListen)
	}
	if c.MailListen != "" {
		host, _, err := net.SplitHostPort(c.MailListen)
		if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return fault.New(fault.Invalid, "--mail-listen: %q is not a loopback address and port; let the mail server on this machine hand replies in, for example at 127.0.0.1:7425", c.MailListen)
		}
	}
	if c.Data == "" {
		return fault.New(fault.Invalid, "--data: name the folder for the hub's data")
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return fault.New(fault.Invalid, "--public-url: %q is not an address such as https://tocsin.example.org", c.PublicURL)
		}
	}
	return nil
}

// Socket is the address of the command line's socket in a data folder. A path
// that is too long for a socket is refused with a sentence.
func Socket(data string) (string, error) {
	path := filepath.Join(data, "hub.sock")
	const longest = 107 // sun_path on Linux, less the closing zero
	if len(path) > longest {
		return "", fault.New(fault.Invalid, "--data: %s is too long for a socket (%d characters, %d at most)", path, len(path), longest)
	}
	return path, nil
}

// URL is how agents and sources on this machine reach a hub.
func URL(addr net.Addr) string { return fmt.Sprintf("http://%s", addr) }
