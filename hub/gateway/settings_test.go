package gateway

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var environment = map[string]string{"SMTP_PASSWORD": "pw", "PHONE": "tok", "HOOK": "sec"}

func env(name string) (string, bool) { v, ok := environment[name]; return v, ok }

const whole = `mail:
  server: smtp.example.org:587
  from: "Tocsin <tocsin@example.org>"
  user: tocsin
  password_from: {env: SMTP_PASSWORD}
phone:
  - {name: main, url: "https://api.example.org", account: AC1, token_from: {env: PHONE}, from: "+441632960000"}
  - {url: "http://127.0.0.1:8080", account: AC2, user: SK2, token_from: {file: token}, from: "+441632960001"}
ntfy:
  - {server: "https://ntfy.example.org", token_from: {env: PHONE}}
webhook:
  secrets_from: [{env: HOOK}]
`

func TestSettingsAreReadWithTheirSecrets(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := ParseSettings(filepath.Join(dir, "gateways.yaml"), []byte(whole), env)
	if err != nil {
		t.Fatal(err)
	}
	if s.Mail.Password != "pw" || s.Mail.Security != "starttls" || s.Phone[1].Token != "from a file" || s.Phone[0].User != "AC1" ||
		s.Phone[1].Name != "2" || s.Ntfy[0].Token != "tok" || s.Webhook.Secrets[0] != "sec" {
		t.Errorf("%+v", s)
	}
	if kinds := New(s, nil).Kinds(); !slices.IsSorted(kinds) || !slices.Contains(kinds, "phone") || !slices.Contains(kinds, "email") {
		t.Errorf("%v", kinds)
	}
}

func TestAnEmptyFileIsNoMistake(t *testing.T) {
	for _, text := range []string{"", "# nothing yet\n", "{}\n"} {
		if s, err := ParseSettings("g", []byte(text), env); err != nil || len(s.Phone) != 0 {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestEveryMistakeIsToldWithItsPlace(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"  from: \"T", "  form: \"T", `gateways.yaml:3:3: unknown field "form"`},
		{"smtp.example.org:587", "smtp.example.org", `gateways.yaml:2:11: mail.server: "smtp.example.org" is not host:port`},
		{"SMTP_PASSWORD", "NO_SUCH", "gateways.yaml:5:18: mail.password_from: there is no secret in NO_SUCH"},
		{"user: tocsin", "user: tocsin\n  security: none", "gateways.yaml:5:13: mail.security: none sends mail and password in the clear"},
		{"https://api.example.org", "http://api.example.org", "gateways.yaml:7:23: phone[0].url: the address must begin with https://"},
		{`"+441632960000"`, `"12"`, `phone[0].from: "12" is not a telephone number`},
		{"account: AC1, ", "", "phone[0].account: is missing"},
		{"{file: token}", "{file: token, env: X}", "phone[1].token_from: say where the secret is"},
		{"{file: token}", "{file: none}", "phone[1].token_from: none cannot be read"},
		{"- {server:", "- [server:", "gateways.yaml:"},
	} {
		dir := t.TempDir()
		_, err := ParseSettings(filepath.Join(dir, "gateways.yaml"), []byte(strings.Replace(whole, c.from, c.to, 1)), env)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), dir+"/", ""), c.want) {
			t.Errorf("%s: want %s\ngot %v", c.to, c.want, err)
		}
	}
}

func FuzzParseSettings(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("mail: {server: [}"))
	f.Fuzz(func(_ *testing.T, body []byte) {
		_, _ = ParseSettings("none/gateways.yaml", body, env)
	})
}
