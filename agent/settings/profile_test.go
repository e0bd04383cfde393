package settings

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestWhereThingsLie(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("XDG_STATE_HOME", "not/absolute")
	p, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	want := Profile{Config: filepath.Join(home, ".config/tocsin"), State: filepath.Join(home, ".local/state/tocsin/agent")}
	if p != want {
		t.Errorf("got %v, want %v", p, want)
	}
	t.Setenv("XDG_STATE_HOME", filepath.Join(home, "state"))
	if p, err = Open(""); err != nil || p.State != filepath.Join(home, "state/tocsin/agent") {
		t.Errorf("got %v, %v", p, err)
	}
	own := filepath.Join(home, "second")
	if p, err = Open(own); err != nil || p.State != own || p.Config != own {
		t.Errorf("got %v, %v", p, err)
	}
	if info, err := os.Stat(own); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestOneAgentAProfile(t *testing.T) {
	p, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := p.Lock()
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Lock()
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "--profile") {
		t.Errorf("second lock: %v", err)
	}
	unlock()
	if unlock, err = p.Lock(); err != nil {
		t.Errorf("after unlock: %v", err)
	}
	unlock()
}

func TestEnrolmentsAreKept(t *testing.T) {
	p, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if all, err := p.Enrolments(); err != nil || !reflect.DeepEqual(all, Enrolments{}) {
		t.Fatalf("at first: %v, %v", all, err)
	}
	want := Enrolments{Current: &Enrolment{Hub: "http://127.0.0.1:1", DeviceID: "d", CodeHash: HashCode("x")}}
	if err := p.Save(want); err != nil {
		t.Fatal(err)
	}
	if got, err := p.Enrolments(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(p.Config, "agent.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Enrolments(); err == nil || !strings.Contains(err.Error(), "enrol anew") {
		t.Errorf("a broken file: %v", err)
	}
}

// keys is a key store; broken ones forget or refuse.
type keys struct {
	secrets          map[string]string
	refuses, forgets bool
}

func (k *keys) Set(name, secret string) error {
	if k.refuses {
		return errors.New("locked")
	}
	if !k.forgets {
		k.secrets[name] = secret
	}
	return nil
}

func (k *keys) Get(name string) (string, error) {
	secret, ok := k.secrets[name]
	if !ok {
		return "", errors.New("not found")
	}
	return secret, nil
}

func (k *keys) Delete(name string) error { delete(k.secrets, name); return nil }

func TestTheCredentialIsKeptInTheBestPlace(t *testing.T) {
	for _, c := range []struct {
		name  string
		keys  KeyStore
		place string
	}{
		{"the key store", &keys{secrets: map[string]string{}}, inKeyStore},
		{"a file where there is none", nil, inFile},
		{"a file where it refuses", &keys{secrets: map[string]string{}, refuses: true}, inFile},
		{"a file where it forgets", &keys{secrets: map[string]string{}, forgets: true}, inFile},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Open(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			s, err := p.Keep(c.keys, "secret")
			if err != nil || s.Place != c.place {
				t.Fatalf("kept in %v, %v", s, err)
			}
			if got, err := p.Credential(c.keys, s); err != nil || got != "secret" {
				t.Errorf("read %q, %v", got, err)
			}
			if c.place == inFile {
				info, err := os.Stat(p.secretFile(s.Name))
				if err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("mode %v, %v", info.Mode(), err)
				}
			} else if _, err := p.Credential(nil, s); err == nil || !strings.Contains(err.Error(), "desktop session") {
				t.Errorf("without the key store: %v", err)
			}
			p.Discard(c.keys, s)
			if _, err := p.Credential(c.keys, s); err == nil {
				t.Error("still there")
			}
		})
	}
}

func TestASecretsNameIsNoPath(t *testing.T) {
	p, _ := Open(t.TempDir())
	if _, err := p.Credential(nil, Secret{Place: inFile, Name: "/../../etc/passwd"}); err == nil {
		t.Error("took a path for a name")
	}
}
