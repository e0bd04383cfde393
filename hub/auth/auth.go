// Package auth knows who calls: it makes the secrets that devices and sources
// prove themselves by, and looks up whose they are. Only hashes are stored.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"strings"
	"sync"

	"tocsin/hub/fault"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// Hash is what is stored of a secret. The secrets are random and long, so one
// round of SHA-256 is enough.
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// NewCode makes an enrolment code: 100 random bits in groups that people can
// read out.
func NewCode() string {
	var b [13]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	text := base32.StdEncoding.EncodeToString(b[:])[:20]
	return strings.Join([]string{text[:5], text[5:10], text[10:15], text[15:]}, "-")
}

// CleanCode forgives what a person does to a code on the way: spaces, case.
func CleanCode(code string) string {
	return strings.ToUpper(strings.Join(strings.Fields(code), ""))
}

// Devices finds devices by their credentials. It is safe for concurrent use.
type Devices struct {
	store store.Store

	mu    sync.RWMutex
	known map[string]responder.Device // by the hash of the credential
	age   int                         // how often known was dropped
}

// NewDevices makes a look-up on a store.
func NewDevices(s store.Store) *Devices {
	return &Devices{store: s, known: map[string]responder.Device{}}
}

// ByCredential finds the device that a credential belongs to. fault.Denied if
// there is none, or if it was revoked.
func (d *Devices) ByCredential(ctx context.Context, credential string) (responder.Device, error) {
	if credential == "" {
		return responder.Device{}, fault.New(fault.Denied, "this call needs the credential of an enrolled device")
	}
	hash := Hash(credential)
	d.mu.RLock()
	known, ok := d.known[hash]
	age := d.age
	d.mu.RUnlock()
	if ok {
		return known, nil
	}
	var device responder.Device
	err := d.store.View(ctx, func(tx store.Tx) (err error) {
		device, err = tx.DeviceByCredential(hash)
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return device, fault.New(fault.Denied, "the hub does not know this device; enrol it again with a new code")
	case err != nil:
		return device, err
	case !device.Revoked.IsZero():
		return device, fault.New(fault.Denied, "this device was signed out on the hub; enrol it again with a new code")
	}
	d.remember(hash, device, age)
	return device, nil
}

// remember keeps what was read, unless a device was revoked since the reading
// began.
func (d *Devices) remember(hash string, device responder.Device, age int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.age == age {
		d.known[hash] = device
	}
}

// Forget drops what is remembered of devices, because one was revoked.
func (d *Devices) Forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.age++
	clear(d.known)
}
