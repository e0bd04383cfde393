package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refusedEnrolment starts an agent that must give up with a sentence.
func (h *hub) refusedEnrolment(code, sentence string) {
	h.t.Helper()
	a := &agent{hub: h, user: "somebody", profile: filepath.Join(h.t.TempDir(), "profile")}
	a.run("--hub", h.url(), "--code", code)
	waitFor(h.t, "the agent ends", func() bool {
		select {
		case <-a.done:
			return true
		default:
			return false
		}
	})
	if a.cmd.ProcessState.ExitCode() == 0 {
		h.t.Errorf("the agent ended as if all were well:\n%s", a.out)
	}
	if !strings.Contains(a.out.String(), sentence) {
		h.t.Errorf("the agent does not say %q:\n%s", sentence, a.out)
	}
}

func TestAnEnrolmentCodeThatIsUnknownOrUsedIsRefusedWithASentence(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	h.refusedEnrolment("AAAAA-BBBBB-CCCCC-DDDDD", "does not know this enrolment code")
	code := h.code("ada")
	first := &agent{hub: h, user: "ada", profile: filepath.Join(t.TempDir(), "ada")}
	first.run("--hub", h.url(), "--code", code)
	first.awaitConnected()
	h.refusedEnrolment(code, "used already")
}

func TestARevokedDeviceIsToldAndStops(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada := h.agent("ada")
	device := decodeLines[struct{ ID string }](t, h.cli("devices", "ada", "--json"))[0].ID
	h.cli("revoke", device)
	<-ada.done
	if ada.cmd.ProcessState.ExitCode() == 0 || !strings.Contains(ada.out.String(), "signed out") {
		t.Errorf("exit code %d, and it says:\n%s", ada.cmd.ProcessState.ExitCode(), ada.out)
	}
}

func TestABadFileNamesLineAndFieldAndChangesNothing(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	before := h.cli("export")
	bad := strings.Replace(story{}.yaml(), "escalation_policy: payments\n", "escalation_policy: paymnts\n", 1)
	bad = strings.Replace(bad, "repeat: 1", "repaet: 1", 1)
	file := filepath.Join(h.dir, "bad.yaml")
	if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := h.try("apply", "-f", file)
	if err == nil {
		t.Fatal("the file was applied")
	}
	for _, want := range []string{"bad.yaml:22:5:", "repaet", `"repeat"`, "services[0].escalation_policy", `"paymnts"`, `"payments"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the message does not say %s:\n%v", want, err)
		}
	}
	if after := h.cli("export"); after != before {
		t.Errorf("the configuration changed:\n%s", after)
	}
}

func TestOneFolderHoldsOneHub(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	_, err := h.try("serve", "--listen", "127.0.0.1:0")
	if err == nil || !strings.Contains(err.Error(), "another hub runs in") {
		t.Errorf("a second hub in the same folder: %v", err)
	}
	_, err = h.try("serve", "--listen", "0.0.0.0:7411")
	if err == nil || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("a hub that listens for everybody: %v", err)
	}
}

func TestADamagedFolderIsRefusedWithASentence(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	h.kill()
	data := filepath.Join(h.dir, "hub")
	if err := os.Rename(filepath.Join(data, "audit.key"), filepath.Join(h.dir, "audit.key")); err != nil {
		t.Fatal(err)
	}
	_, err := h.try("serve", "--listen", "127.0.0.1:0")
	if err == nil || !strings.Contains(err.Error(), "restore it from its copy") {
		t.Errorf("without the key that seals the timelines: %v", err)
	}
	// Whole new, as a log that is left beside a damaged database mends it.
	fresh := &hub{t: t, dir: t.TempDir()}
	data = filepath.Join(fresh.dir, "hub")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"audit.key": strings.Repeat("ab", 32), "hub.db": strings.Repeat("no database ", 1000)} {
		if err := os.WriteFile(filepath.Join(data, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err = fresh.try("serve", "--listen", "127.0.0.1:0")
	if err == nil || !strings.Contains(err.Error(), "hub.db") || strings.Contains(err.Error(), "panic") {
		t.Errorf("with a database that is none: %v", err)
	}
}
