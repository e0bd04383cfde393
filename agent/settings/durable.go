package settings

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// WriteFile replaces a file so that a crash at any instant leaves either the
// old content or the new, whole; when it returns nil, the new one is on disk.
// One process may write a path at a time.
func WriteFile(path string, content []byte) error {
	if err := replace(realDisk{}, path, content); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// disk is what replace needs of a file system; the tests crash it.
type disk interface {
	Create(path string) (file, error)
	Rename(from, to string) error
	SyncFolder(path string) error
}

type file interface {
	io.WriteCloser
	Sync() error
}

// replace writes beside the file and renames over it. The name beside is always
// the same, so that crashes leave no litter.
func replace(d disk, path string, content []byte) error {
	beside := path + ".new"
	f, err := d.Create(beside)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		f.Close()
		return err
	}
	// Without this the rename may reach the disk before the content.
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := d.Rename(beside, path); err != nil {
		return err
	}
	return d.SyncFolder(filepath.Dir(path))
}

type realDisk struct{}

func (realDisk) Create(path string) (file, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
}

func (realDisk) Rename(from, to string) error { return os.Rename(from, to) }

func (realDisk) SyncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be opened for it; the rename is written through
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
