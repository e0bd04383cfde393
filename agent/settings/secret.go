package settings

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

// Secret names a credential that was put away.
type Secret struct {
	Place string // keystore or file
	Name  string
}

const (
	inKeyStore = "keystore"
	inFile     = "file"
)

// KeyStore is the operating system's store of secrets.
type KeyStore interface {
	Set(name, secret string) error
	Get(name string) (string, error)
	Delete(name string) error
}

// Keep puts a credential away, in the key store where there is one that takes
// it (keys may be nil), else in a file that only the user can read.
func (p Profile) Keep(keys KeyStore, credential string) (Secret, error) {
	random := make([]byte, 8)
	rand.Read(random) // never fails
	name := hex.EncodeToString(random)
	if keys != nil && keys.Set(name, credential) == nil {
		// A store that forgets is worse than none.
		if kept, err := keys.Get(name); err == nil && kept == credential {
			return Secret{Place: inKeyStore, Name: name}, nil
		}
	}
	if err := WriteFile(p.secretFile(name), []byte(credential+"\n")); err != nil {
		return Secret{}, fmt.Errorf("keeping the credential: %w", err)
	}
	return Secret{Place: inFile, Name: name}, nil
}

var secretName = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Credential reads a credential back.
func (p Profile) Credential(keys KeyStore, s Secret) (string, error) {
	if !secretName.MatchString(s.Name) {
		return "", errors.New("the settings do not say where the credential is: enrol this device anew")
	}
	if s.Place == inFile {
		content, err := os.ReadFile(p.secretFile(s.Name))
		if err != nil {
			return "", fmt.Errorf("reading the credential (if it is gone, enrol this device anew): %w", err)
		}
		return strings.TrimSpace(string(content)), nil
	}
	if keys == nil {
		return "", errors.New("the credential is in the desktop's key store, which cannot be reached from here: start the agent in the desktop session")
	}
	credential, err := keys.Get(s.Name)
	if err != nil {
		return "", fmt.Errorf("reading the credential from the key store (unlock it, or enrol this device anew): %w", err)
	}
	return credential, nil
}

// Discard removes a credential that counts no longer. What cannot be removed
// stays: the hub refuses it anyway.
func (p Profile) Discard(keys KeyStore, s Secret) {
	switch {
	case s.Place == inFile && secretName.MatchString(s.Name):
		_ = os.Remove(p.secretFile(s.Name))
	case s.Place == inKeyStore && keys != nil:
		_ = keys.Delete(s.Name)
	}
}

func (p Profile) secretFile(name string) string {
	return filepath.Join(p.State, "credential-"+name)
}

// SystemKeyStore answers the operating system's key store, or nil where there
// is none.
func SystemKeyStore() KeyStore {
	if runtime.GOOS == "linux" && !hasSessionBus() {
		// Asking anyway would start a message bus that nobody ends.
		return nil
	}
	return systemKeys{}
}

func hasSessionBus() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	run := os.Getenv("XDG_RUNTIME_DIR")
	if run == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(run, "bus"))
	return err == nil
}

// systemKeys bounds every call: a locked store asks the person for a password,
// and nobody may be there.
type systemKeys struct{}

const (
	keyService = "tocsin-agent"
	keyWait    = 10 * time.Second
)

func (systemKeys) Set(name, secret string) error {
	_, err := bounded(func() (string, error) { return "", keyring.Set(keyService, name, secret) })
	return err
}

func (systemKeys) Get(name string) (string, error) {
	return bounded(func() (string, error) { return keyring.Get(keyService, name) })
}

func (systemKeys) Delete(name string) error {
	_, err := bounded(func() (string, error) { return "", keyring.Delete(keyService, name) })
	return err
}

func bounded(call func() (string, error)) (string, error) {
	type answer struct {
		secret string
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		secret, err := call()
		done <- answer{secret, err}
	}()
	select {
	case a := <-done:
		return a.secret, a.err
	case <-time.After(keyWait):
		return "", errors.New("the key store does not answer")
	}
}
