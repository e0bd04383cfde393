package link

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"tocsin/agent/inbox"
	"tocsin/agent/settings"
)

// The journal is one small file, replaced as a whole: a line that names the
// format and the sum of what follows, then JSON.
const journalFormat = "tocsin agent journal 1 "

type journalContent struct {
	Device string
	State  inbox.Durable
}

// journal is the file of one device.
type journal struct {
	path   string
	device string
}

// load reads the journal. One that cannot be used is kept aside and the
// warning, a sentence to show, says so: the hub's snapshot makes up for all but
// what was not told to it yet.
func (j journal) load(now time.Time) (state inbox.Durable, warning string, err error) {
	file, err := os.ReadFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return inbox.Durable{}, "", nil
	}
	if err != nil {
		return inbox.Durable{}, "", fmt.Errorf("reading the journal: %w", err)
	}
	content, err := decodeJournal(file)
	if err == nil && content.Device == j.device {
		return content.State, "", nil
	}
	aside := fmt.Sprintf("%s.aside-%s", j.path, now.UTC().Format("20060102T150405.000"))
	if renameErr := os.Rename(j.path, aside); renameErr != nil {
		return inbox.Durable{}, "", fmt.Errorf("keeping an unusable journal aside: %w", renameErr)
	}
	if err != nil {
		return inbox.Durable{}, fmt.Sprintf("The journal could not be read (%v). It is kept as %s; the hub is asked what is open.", err, aside), nil
	}
	return inbox.Durable{}, fmt.Sprintf("The journal is that of an earlier enrolment. It is kept as %s.", aside), nil
}

// save returns once the state is on disk.
func (j journal) save(state inbox.Durable) error {
	file, err := encodeJournal(journalContent{Device: j.device, State: state})
	if err != nil {
		return err
	}
	return settings.WriteFile(j.path, file)
}

func encodeJournal(c journalContent) ([]byte, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encoding the journal: %w", err)
	}
	return sealed(body), nil
}

func sealed(body []byte) []byte {
	sum := sha256.Sum256(body)
	head := journalFormat + hex.EncodeToString(sum[:]) + "\n"
	return append([]byte(head), body...)
}

func decodeJournal(file []byte) (journalContent, error) {
	head, body, _ := bytes.Cut(file, []byte("\n"))
	want, ok := strings.CutPrefix(string(head), journalFormat)
	if !ok {
		return journalContent{}, errors.New("it is of another format")
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != want {
		return journalContent{}, errors.New("its check sum is wrong")
	}
	var c journalContent
	if err := json.Unmarshal(body, &c); err != nil {
		return journalContent{}, errors.New("its content makes no sense")
	}
	return c, nil
}
