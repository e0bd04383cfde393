package gateway

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"tocsin/hub/fault"
)

// Settings say by what this hub can send: gateways.yaml, with its secrets read
// from where it says they are.
type Settings struct {
	Mail    MailSettings    `yaml:"mail"`
	Phone   []PhoneGateway  `yaml:"phone"`
	Ntfy    []NtfyServer    `yaml:"ntfy"`
	Webhook WebhookSettings `yaml:"webhook"`
}

// MailSettings name the mail server.
type MailSettings struct {
	Server   string `yaml:"server"`   // host:port
	Security string `yaml:"security"` // starttls (default), tls, none (to a loopback address only)
	From     string `yaml:"from"`
	User     string `yaml:"user"`
	Secret   Secret `yaml:"password_from"`
	// ReplyTo is where replies go, local@domain: mail to local+…@domain comes to
	// hub serve --mail-listen. Empty: mails are not replied to.
	ReplyTo string `yaml:"reply_to"`
	CA      string `yaml:"ca"` // a file of certificates to trust instead of the system's

	Password string `yaml:"-"`
	roots    *x509.CertPool
}

// PhoneGateway is one gateway that speaks Twilio's interface.
type PhoneGateway struct {
	Name    string `yaml:"name"`
	URL     string `yaml:"url"`
	Account string `yaml:"account"`
	User    string `yaml:"user"` // default: the account
	Secret  Secret `yaml:"token_from"`
	From    string `yaml:"from"`
	// Replies: texts sent to From come to this hub, so messages say how to answer.
	Replies bool `yaml:"replies"`
	// Signs is the account's own token, by which the gateway signs what it sends;
	// default: Secret, if that is the account's.
	Signs Secret `yaml:"auth_token_from"`

	Token     string `yaml:"-"`
	SignToken string `yaml:"-"`
}

// NtfyServer has a token for the topics of one server; others need none.
type NtfyServer struct {
	Server string `yaml:"server"`
	Secret Secret `yaml:"token_from"`

	Token string `yaml:"-"`
}

// WebhookSettings sign outgoing webhooks.
type WebhookSettings struct {
	From []Secret `yaml:"secrets_from"`

	Secrets []string `yaml:"-"`
}

// Secret says where a secret is; one of the two.
type Secret struct {
	Env  string `yaml:"env"`
	File string `yaml:"file"`
}

// MaxSettings is the size of a file of settings.
const MaxSettings = 64 << 10

// ReadSettings reads a file of settings. What is wrong with it is one
// fault.Invalid, a line for each mistake, with its place.
func ReadSettings(file string) (Settings, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return Settings{}, fault.New(fault.Invalid, "--gateways: %s", err)
	}
	return ParseSettings(file, body, os.LookupEnv)
}

// ParseSettings is ReadSettings of a file's text. Files of secrets are looked
// for beside it.
func ParseSettings(file string, body []byte, env func(string) (string, bool)) (s Settings, err error) {
	defer func() { // the parser is known to trip over some nonsense
		if recover() != nil {
			s, err = Settings{}, fault.New(fault.Invalid, "%s: this cannot be read as YAML", file)
		}
	}()
	if len(body) > MaxSettings {
		return s, fault.New(fault.Invalid, "%s has %d bytes, at most %d are read", file, len(body), MaxSettings)
	}
	tree, err := parser.ParseBytes(body, 0)
	if err == nil && len(tree.Docs) > 1 {
		return s, fault.New(fault.Invalid, "%s: a second document begins; the file is one document", file)
	}
	if err == nil {
		err = yaml.UnmarshalWithOptions(body, &s, yaml.Strict())
	}
	if err != nil {
		return Settings{}, fault.New(fault.Invalid, "%s", told(file, err))
	}
	c := check{file: file, tree: tree, env: env}
	c.mail(&s.Mail)
	for n := range s.Phone {
		c.phone(fmt.Sprintf("$.phone[%d]", n), n, &s.Phone[n])
	}
	for n := range s.Ntfy {
		c.ntfy(fmt.Sprintf("$.ntfy[%d]", n), &s.Ntfy[n])
	}
	for n, from := range s.Webhook.From {
		s.Webhook.Secrets = append(s.Webhook.Secrets, c.secret(fmt.Sprintf("$.webhook.secrets_from[%d]", n), from))
	}
	if len(c.wrong) > 0 {
		return Settings{}, fault.New(fault.Invalid, "%s", strings.Join(c.wrong, "\n"))
	}
	return s, nil
}

func told(file string, err error) string {
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		at := e.GetToken().Position
		return fmt.Sprintf("%s:%d:%d: %s", file, at.Line, at.Column, e.GetMessage())
	}
	return file + ": " + err.Error()
}

// check gathers what is wrong, and reads the secrets.
type check struct {
	file  string
	tree  *ast.File
	env   func(string) (string, bool)
	wrong []string
}

// problem notes a mistake at the field of a path, or at the nearest field above
// that is there.
func (c *check) problem(path, format string, args ...any) {
	field := strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".")
	text := c.file
	for at := path; at != "$"; at = at[:strings.LastIndexAny(at, ".[")] {
		p, err := yaml.PathString(at)
		if err != nil {
			break
		}
		if node, err := p.FilterFile(c.tree); err == nil && node.GetToken() != nil {
			text += fmt.Sprintf(":%d:%d", node.GetToken().Position.Line, node.GetToken().Position.Column)
			break
		}
	}
	c.wrong = append(c.wrong, text+": "+field+": "+fmt.Sprintf(format, args...))
}

func (c *check) mail(m *MailSettings) {
	if *m == (MailSettings{}) {
		return
	}
	host, _, err := net.SplitHostPort(m.Server)
	if err != nil || host == "" {
		c.problem("$.mail.server", "%q is not host:port, for example smtp.example.org:587", m.Server)
	}
	if a, err := mail.ParseAddress(m.From); err != nil {
		c.problem("$.mail.from", "%q is not an address, for example tocsin@example.org", m.From)
	} else {
		m.From = a.String()
	}
	if a, err := mail.ParseAddress(m.ReplyTo); m.ReplyTo != "" && (err != nil || a.Name != "" || strings.ContainsAny(a.Address, "+\" ")) {
		c.problem("$.mail.reply_to", "%q is not an address such as ack@tocsin.example.org; the hub adds +… to what stands before the @", m.ReplyTo)
	}
	switch m.Security {
	case "", "starttls":
		m.Security = "starttls"
	case "tls":
	case "none":
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			c.problem("$.mail.security", "none sends mail and password in the clear; it is allowed to a loopback address only")
		}
	default:
		c.problem("$.mail.security", "%q is none of starttls, tls, none", m.Security)
	}
	if m.User != "" {
		m.Password = c.secret("$.mail.password_from", m.Secret)
	}
	if m.CA != "" {
		m.roots = x509.NewCertPool()
		if pem, err := os.ReadFile(c.beside(m.CA)); err != nil || !m.roots.AppendCertsFromPEM(pem) {
			c.problem("$.mail.ca", "%q is not a readable file of certificates (PEM)", m.CA)
		}
	}
}

var number = regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`)

func (c *check) phone(path string, n int, p *PhoneGateway) {
	if p.Name == "" {
		p.Name = fmt.Sprint(n + 1)
	}
	c.address(path+".url", p.URL)
	if p.Account == "" {
		c.problem(path+".account", "is missing; it is the account's id at the gateway (AC…)")
	}
	if p.User == "" {
		p.User = p.Account
	}
	if !number.MatchString(p.From) {
		c.problem(path+".from", "%q is not a telephone number such as \"+441632960000\"; it is the one that calls come from", p.From)
	}
	p.Token = c.secret(path+".token_from", p.Secret)
	switch {
	case p.Signs != (Secret{}):
		p.SignToken = c.secret(path+".auth_token_from", p.Signs)
	case p.User == p.Account:
		p.SignToken = p.Token
	case p.Replies:
		c.problem(path+".auth_token_from", "is missing; the gateway signs what it sends by the account's own token, not by that of an API key")
	}
}

func (c *check) ntfy(path string, s *NtfyServer) {
	c.address(path+".server", s.Server)
	s.Token = c.secret(path+".token_from", s.Secret)
}

func (c *check) address(path, text string) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		c.problem(path, "%q is not an address such as https://gateway.example.org", text)
		return
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		c.problem(path, "the address must begin with https://, since secrets are sent to it")
	}
}

// secret reads one. Its text is never part of an error.
func (c *check) secret(path string, s Secret) string {
	var text string
	switch {
	case (s.Env == "") == (s.File == ""):
		c.problem(path, "say where the secret is: {env: NAME} or {file: PATH}")
		return ""
	case s.Env != "":
		text, _ = c.env(s.Env)
	default:
		body, err := os.ReadFile(c.beside(s.File))
		if err != nil {
			c.problem(path, "%s cannot be read: %v", s.File, errors.Unwrap(err))
			return ""
		}
		text = string(body)
	}
	if text = strings.TrimSpace(text); text == "" {
		c.problem(path, "there is no secret in %s%s", s.Env, s.File)
	}
	return text
}

// beside is a path reckoned from the folder of the settings.
func (c *check) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(c.file), path)
}
