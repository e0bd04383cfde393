package answer

import (
	"encoding/base64"
	"errors"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// letter is what is read of a mail that came in.
type letter struct {
	// automatic says why no person wrote it; empty if one may have.
	automatic string
	// text is the first line of what was written, without what it quotes.
	text string
}

// The limits of reading a mail.
const (
	maxDepth = 5
	maxParts = 40
	maxText  = 256 << 10 // of the part that is read
)

// readLetter reads a mail. What is not one is an error.
func readLetter(r io.Reader) (letter, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return letter{}, err
	}
	if why := automatic(m.Header); why != "" {
		return letter{automatic: why}, nil
	}
	b := body{}
	err = b.walk(textproto.MIMEHeader(m.Header), m.Body, 0)
	switch {
	case err != nil && !b.hasPlain && !b.hasHTML:
		return letter{}, err
	case b.report:
		return letter{automatic: "it is a report"}, nil
	case b.hasPlain:
		return letter{text: firstLine(b.plain)}, nil
	}
	return letter{text: firstLine(plainOf(b.html))}, nil
}

// automatic says by its headers why a mail is not a person's answer (RFC 3834
// and what programs did before it).
func automatic(h mail.Header) string {
	value := func(name string) string { return strings.ToLower(strings.TrimSpace(h.Get(name))) }
	has := func(name string) bool { _, ok := h[textproto.CanonicalMIMEHeaderKey(name)]; return ok }
	if v := value("Auto-Submitted"); has("Auto-Submitted") && v != "no" {
		return "Auto-Submitted is " + v
	}
	if v := value("Precedence"); slices.Contains([]string{"bulk", "junk", "list", "auto_reply", "auto-reply"}, v) {
		return "Precedence is " + v
	}
	for _, name := range []string{
		"X-Autoreply", "X-Auto-Reply", "X-Autorespond", "X-Autoresponder", "X-Autoreply-From", "X-Mail-Autoreply", "X-Failed-Recipients", "X-Vacation",
		"X-MS-Exchange-Inbox-Rules-Loop", "X-MS-Exchange-Generated-Message-Source",
		"List-Id", "List-Unsubscribe", "Feedback-Id",
	} {
		if has(name) && value(name) != "no" {
			return name + " is there"
		}
	}
	if has("Return-Path") && strings.Trim(value("Return-Path"), "<> ") == "" {
		return "the return path is empty"
	}
	if from, err := mail.ParseAddress(h.Get("From")); err == nil {
		local, _, _ := strings.Cut(strings.ToLower(from.Address), "@")
		if slices.Contains([]string{"mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply"}, local) {
			return "it comes from " + local
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	if err != nil {
		subject = h.Get("Subject")
	}
	if found := absent.FindString(subject); found != "" {
		return "its subject says " + strings.TrimSpace(found)
	}
	return ""
}

// absent begins the subjects of automatic replies and reports, in the languages of
// the programs that leave no better mark.
var absent = regexp.MustCompile(`(?i)^\s*(auto(matic|matische|matisches|matisk|matické)?[- ]?(reply|respon[sd]|antwort|antwoord|svar|odpověď)|` +
	`(respuesta|risposta|resposta) autom[aá]tica|réponse automatique|automatisch antwoord|automaattinen vastaus|自動応答|自动答复|자동 회신|` +
	`auto:|out of( the)? office|nicht im büro|abwesen|absen(ce|t)|fuera de|fuori (sede|ufficio)|vacation|on (leave|holiday)|` +
	`undeliver|delivery (status|failure)|mail delivery|returned mail|read:|gelesen:|lu ?:)`)

// body gathers the text of a mail.
type body struct {
	plain, html       string
	hasPlain, hasHTML bool
	report            bool
	parts             int
}

var errTooMuch = errors.New("the mail has too many parts")

// walk looks for the first plain text, and the first HTML.
func (b *body) walk(h textproto.MIMEHeader, r io.Reader, depth int) error {
	if b.parts++; b.parts > maxParts || depth > maxDepth {
		return errTooMuch
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || kind == "" {
		kind = "text/plain"
	}
	if kind == "multipart/report" || strings.HasPrefix(kind, "message/") {
		b.report = b.report || depth == 0
		return nil
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(r, params["boundary"])
		for !b.hasPlain {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := b.walk(part.Header, part, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if disposition, _, _ := mime.ParseMediaType(h.Get("Content-Disposition")); disposition == "attachment" {
		return nil
	}
	switch {
	case kind == "text/plain":
		b.plain, err = decoded(h, r)
		b.hasPlain = err == nil
	case kind == "text/html" && !b.hasHTML:
		b.html, err = decoded(h, r)
		b.hasHTML = err == nil
	default:
		return nil
	}
	return err
}

// decoded undoes the transfer's encoding. Of the character sets the answers need
// no more than what they share.
func decoded(h textproto.MIMEHeader, r io.Reader) (string, error) {
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding"))) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxText))
	if len(text) == 0 && err != nil {
		return "", err
	}
	if utf8.Valid(text) {
		return string(text), nil
	}
	var latin strings.Builder
	for _, c := range text {
		if c == 0x92 { // the apostrophe of Windows
			c = '\''
		}
		latin.WriteRune(rune(c))
	}
	return latin.String(), nil
}

var (
	quoteHTML = regexp.MustCompile(`(?is)<(blockquote|hr)\b|(class|id)=["']?(gmail_quote|appendonsend|divRplyFwdMsg|moz-cite-prefix|yahoo_quoted|protonmail_quote)`)
	headHTML  = regexp.MustCompile(`(?is)<head\b.*?</head>|<style\b.*?</style>|<script\b.*?</script>|<!--.*?-->`)
	breakHTML = regexp.MustCompile(`(?i)<(br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>`)
	tagHTML   = regexp.MustCompile(`<[^>]*>?`)
)

// plainOf is the text of a page, up to what it quotes.
func plainOf(page string) string {
	page = headHTML.ReplaceAllString(page, "")
	if at := quoteHTML.FindStringIndex(page); at != nil {
		page = page[:at[0]]
	}
	page = strings.NewReplacer("\r", " ", "\n", " ").Replace(page)
	return html.UnescapeString(tagHTML.ReplaceAllString(breakHTML.ReplaceAllString(page, "\n"), ""))
}

var (
	// original begins what was answered, in programs that do not mark each line.
	original = regexp.MustCompile(`(?i)^(-{2,}.*(message|nachricht|message d'origine).*-*|_{5,}|-{5,}|\*?(from|von|de|sent|gesendet|envoyé) ?:\*? .*)$`)
	// attribution introduces a quotation.
	attribution = regexp.MustCompile(`(?i)(wrote|schrieb.*|écrit|escribió|scrive|ha scritto) ?:$`)
	beginsQuote = regexp.MustCompile(`(?i)^(on|am|le) .*\d.*`)
)

// firstLine is the first line that a person wrote.
func firstLine(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\u00a0", " "), "\n")
	for n := 0; n < len(lines); n++ {
		line := strings.TrimSpace(lines[n])
		switch {
		case line == "", strings.HasPrefix(line, ">"), attribution.MatchString(line):
			continue
		case beginsQuote.MatchString(line) && n+1 < len(lines) && attribution.MatchString(strings.TrimSpace(lines[n+1])):
			n++
			continue
		case line == "--", original.MatchString(line):
			return ""
		}
		return line
	}
	return ""
}
