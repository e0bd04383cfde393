package app

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gofrs/flock"

	"tocsin/hub/fault"
)

// folder is the hub's data folder, held by one hub at a time.
type folder struct {
	path     string
	lock     *flock.Flock
	auditKey []byte
}

func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	f := &folder{path: path, lock: flock.New(filepath.Join(path, "hub.lock"))}
	held, err := f.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if !held {
		return nil, fault.New(fault.Conflict, "another hub runs in %s; stop it first, or choose another folder with --data", path)
	}
	if f.auditKey, err = f.readAuditKey(); err != nil {
		return nil, errors.Join(err, f.lock.Unlock())
	}
	// The database makes its file readable by others; what is there already
	// keeps its mode.
	file, err := os.OpenFile(f.database(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the database's file: %w", err), f.lock.Unlock())
	}
	return f, file.Close()
}

func (f *folder) database() string { return filepath.Join(f.path, "hub.db") }

func (f *folder) close() error { return f.lock.Unlock() }

// readAuditKey reads the key that seals the timelines, and makes it at the first
// start. It lies beside the database, not in it: keep a copy elsewhere. To a
// database that is there already a new key would make every timeline look
// changed.
func (f *folder) readAuditKey() ([]byte, error) {
	file := filepath.Join(f.path, "audit.key")
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		if info, err := os.Stat(f.database()); err == nil && info.Size() > 0 {
			return nil, fault.New(fault.Invalid, "%s is missing, and the timelines in %s are sealed with it; restore it from its copy (or, if it is lost, move the database away and start anew)", file, f.database())
		}
		return makeAuditKey(file)
	}
	if err != nil {
		return nil, fmt.Errorf("read the audit key: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fault.New(fault.Invalid, "%s is not an audit key (64 hexadecimal characters); restore it from its copy", file)
	}
	return key, nil
}

// makeAuditKey writes the key beside the file first: a kill must not leave half of
// it there, with which no hub would start again. The folder's lock keeps others off.
func makeAuditKey(file string) ([]byte, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails, says its documentation
	beside := file + ".new"
	out, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the audit key: %w", err)
	}
	_, err = out.WriteString(hex.EncodeToString(key) + "\n")
	if err = errors.Join(err, out.Sync(), out.Close()); err == nil {
		err = os.Rename(beside, file)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(file))
	}
	if err != nil {
		return nil, fmt.Errorf("write the audit key: %w", err)
	}
	return key, nil
}

// syncFolder returns once the names in a folder are on disk: the database is of no
// use without its key.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be opened for it; renames are written through
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
