package answer

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each file is a mail as a program wrote it, and what is read of it: the line, or
// "automatic".
var letters = map[string]string{
	"gmail.eml":             "Acknowledge",
	"apple-mail.eml":        "ack, on my way",
	"outlook-html.eml":      "Acknowledged. I’m on it",
	"thunderbird-below.eml": "resolve",
	"german.eml":            "Ja",
	"empty.eml":             "",
	"vacation.eml":          "automatic",
	"exchange-absent.eml":   "automatic",
	"bounce.eml":            "automatic",
	"read-receipt.eml":      "automatic",
	"list.eml":              "automatic",
	"sieve.eml":             "automatic",
}

func TestTheFirstWordsOfAReplyAreReadAndNothingThatItQuotes(t *testing.T) {
	for name, want := range letters {
		body, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		l, err := readLetter(bytes.NewReader(body))
		got := l.text
		if l.automatic != "" {
			got = "automatic"
		}
		if err != nil || got != want {
			t.Errorf("%s: %q (%s), want %q; %v", name, l.text, l.automatic, want, err)
		}
	}
}

func TestAutomaticMailIsToldByEachOfItsMarks(t *testing.T) {
	for _, mark := range []string{
		"Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated (vacation)", "AUTO-SUBMITTED: auto-notified", "Precedence: bulk", "Precedence: auto_reply",
		"Precedence: junk", "X-Autoreply: yes", "X-Autorespond: Re", "List-Id: <x>", "Return-Path: <>", "From: MAILER-DAEMON@example.org",
		"From: Mail System <postmaster@example.org>", "Subject: Out of Office: page", "Subject: =?utf-8?q?Automatische_Antwort=3A_page?=", "Subject: Undeliverable: page",
		"Content-Type: multipart/report; boundary=x",
	} {
		l, err := readLetter(strings.NewReader(mark + "\r\n\r\nack\r\n"))
		if err != nil || l.automatic == "" {
			t.Errorf("%s: %+v %v", mark, l, err)
		}
	}
	for _, mark := range []string{
		"Subject: Respuesta automática: x", "Subject: Risposta automatica: x", "Subject: Automatisch antwoord: x", "Subject: =?utf-8?q?R=C3=A9ponse_automatique=C2=A0:_x?=",
		"Subject: Resposta automática: x", "Subject: Autosvar: x", "Subject: Automatické odpověď: x", "Subject: 自動応答: x", "Subject: Fuori sede",
		"X-MS-Exchange-Inbox-Rules-Loop: ada@example.org", "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "Subject: Nicht im Büro", "Subject: Absence du bureau",
	} {
		if l, err := readLetter(strings.NewReader(mark + "\r\n\r\nok\r\n")); err != nil || l.automatic == "" {
			t.Errorf("%s: %+v %v", mark, l, err)
		}
	}
	for _, mark := range []string{"Auto-Submitted: no", "Precedence: first-class", "Subject: Re: The shop: critical incident 1", "Subject: Re: Vacation planner: error incident 3", "X-Autoreply: no"} {
		if l, err := readLetter(strings.NewReader(mark + "\r\n\r\nack\r\n")); err != nil || l.automatic != "" || l.text != "ack" {
			t.Errorf("%s: %+v %v", mark, l, err)
		}
	}
}

func FuzzReadLetter(f *testing.F) {
	for name := range letters {
		body, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		l, err := readLetter(bytes.NewReader(body))
		if err == nil && (strings.ContainsRune(l.text, '\n') || strings.HasPrefix(l.text, ">") || l.automatic != "" && l.text != "") {
			t.Errorf("%+v", l)
		}
	})
}
