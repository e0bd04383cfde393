package settings

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Enrolment is this device's place at one hub.
type Enrolment struct {
	Hub       string   // the address that the person gave
	Addresses []string // further ones, told by the hub
	HubName   string
	DeviceID  string
	UserID    string
	UserName  string
	// CodeHash tells the same code from another without keeping it.
	CodeHash string
	// Secret says where the credential is.
	Secret Secret
}

// Enrolments is what the profile's file holds: the enrolment that counts, and
// one that was begun and not answered yet. Zero pointers: none.
type Enrolments struct {
	Current *Enrolment `json:",omitempty"`
	Begun   *Enrolment `json:",omitempty"`
}

// HashCode is what CodeHash keeps of a code.
func HashCode(code string) string {
	sum := sha256.Sum256([]byte("tocsin enrolment code\x00" + code))
	return hex.EncodeToString(sum[:])
}

func (p Profile) enrolments() string { return filepath.Join(p.Config, "agent.json") }

// Enrolments reads the file; no file is no enrolment.
func (p Profile) Enrolments() (Enrolments, error) {
	content, err := os.ReadFile(p.enrolments())
	if errors.Is(err, fs.ErrNotExist) {
		return Enrolments{}, nil
	}
	if err != nil {
		return Enrolments{}, fmt.Errorf("reading the settings: %w", err)
	}
	var all Enrolments
	if err := json.Unmarshal(content, &all); err != nil {
		return Enrolments{}, fmt.Errorf("the settings in %s cannot be read (%w): mend the file, or remove it and enrol anew", p.enrolments(), err)
	}
	return all, nil
}

// Save replaces the file, durably.
func (p Profile) Save(all Enrolments) error {
	content, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(p.enrolments(), append(content, '\n'))
}
