// Package settings knows where an agent keeps its things: which hub it is
// enrolled with, its credential, its journal. Everything of one profile belongs
// to one process at a time (Lock), so nothing here guards against another one
// writing.
package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// Profile is a pair of folders; both exist and only the user can read them.
type Profile struct {
	Config string
	State  string
}

// Open finds the profile and makes its folders. With dir empty it is the
// user's own, in the places that the XDG base directories name; otherwise all
// of it lies in dir.
func Open(dir string) (Profile, error) {
	p := Profile{Config: dir, State: dir}
	if dir == "" {
		config, err := xdg("XDG_CONFIG_HOME", ".config")
		if err != nil {
			return Profile{}, err
		}
		state, err := xdg("XDG_STATE_HOME", ".local", "state")
		if err != nil {
			return Profile{}, err
		}
		p = Profile{Config: filepath.Join(config, "tocsin"), State: filepath.Join(state, "tocsin", "agent")}
	}
	for _, folder := range []*string{&p.Config, &p.State} {
		abs, err := filepath.Abs(*folder)
		if err != nil {
			return Profile{}, fmt.Errorf("finding the profile: %w", err)
		}
		if err := os.MkdirAll(abs, 0o700); err != nil {
			return Profile{}, fmt.Errorf("making the profile's folder: %w", err)
		}
		*folder = abs
	}
	return p, nil
}

// xdg ignores a relative path, as the specification asks.
func xdg(variable string, fallback ...string) (string, error) {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding the home folder (or set %s): %w", variable, err)
	}
	return filepath.Join(append([]string{home}, fallback...)...), nil
}

// Journal is the path of the journal.
func (p Profile) Journal() string { return filepath.Join(p.State, "journal") }

// Notifications is the path of the list of the desktop's notifications that are
// up.
func (p Profile) Notifications() string { return filepath.Join(p.State, "notifications") }

// ErrInUse: another agent runs with the profile.
var ErrInUse = errors.New("another agent is running")

// Lock makes the profile this process's own until unlock, or the end of the
// process however it comes. ErrInUse if it is another's.
func (p Profile) Lock() (unlock func(), err error) {
	lock := flock.New(filepath.Join(p.State, "lock"), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the profile: %w", err)
	}
	if !held {
		return nil, fmt.Errorf("%w with the profile in %s: use that one, or give this one a --profile of its own", ErrInUse, p.State)
	}
	// The file stays: removing it would let two processes lock two files of
	// one name.
	return func() { _ = lock.Unlock() }, nil
}
