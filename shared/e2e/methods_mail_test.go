package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	client "github.com/emersion/go-smtp"
)

const adasWakingMail = `{id: mail, kind: email, address: ada@example.org, wakes: true}`

// reply hands a mail in, as the organisation's mail server does.
func (r *reached) reply(t *testing.T, from, to, headers, text string) error {
	t.Helper()
	here, there := net.Pipe()
	r.mailbox.conns <- there
	c := client.NewClient(here)
	defer c.Close()
	if err := c.Mail(from, nil); err != nil {
		return err
	}
	if err := c.Rcpt(to, nil); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, "From: Somebody <"+from+">\r\nTo: "+to+"\r\nSubject: Re: page\r\n"+headers+"\r\n"+text); err != nil {
		return err
	}
	return w.Close()
}

// lastMail is the newest mail that the hub sent, with its text.
func (r *reached) lastMail(t *testing.T) (*mail.Message, string) {
	t.Helper()
	mails := r.took(&r.mails)
	if len(mails) == 0 {
		t.Fatal("no mail came")
	}
	m, err := mail.ReadMessage(strings.NewReader(mails[len(mails)-1].body))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return m, string(body)
}

// replyTo is the address at which a mail is answered.
func (r *reached) replyTo(t *testing.T) string {
	t.Helper()
	m, _ := r.lastMail(t)
	a, err := mail.ParseAddress(m.Header.Get("Reply-To"))
	if err != nil || !strings.HasPrefix(a.Address, "ack+") || !strings.HasSuffix(a.Address, "@tocsin.example.org") {
		t.Fatalf("Reply-To: %v %v", a, err)
	}
	return a.Address
}

func TestAReplyToAMailAcknowledges(t *testing.T) {
	inBubble(t, sleepers(adasWakingMail), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		to := r.replyTo(t)
		_, text := r.lastMail(t)
		if !strings.Contains(text, "Or reply with one word: acknowledge, resolve, or no if you cannot take it.") {
			t.Errorf("%s", text)
		}
		if err := r.reply(t, "ada@home.example.net", strings.ToUpper(to), "", "Acknowledge\r\n\r\nOn Sat, Tocsin wrote:\r\n> no\r\n"); err != nil {
			t.Fatal(err)
		}
		if s := r.status(); s != "acknowledged ada" {
			t.Errorf("%s", s)
		}
		expect(t, "the timeline", r.told("acknowledged"), []string{"+1s acknowledged: Acknowledged by Ada Adams by mail"})
		m, text := r.lastMail(t)
		if got := r.took(&r.mails); len(got) != 2 || got[1].to != "ada@example.org" || m.Header.Get("Auto-Submitted") != "auto-replied" || m.Header.Get("Reply-To") != "" {
			t.Errorf("%+v", got)
		}
		if !strings.Contains(text, "Acknowledged. You have it.") {
			t.Errorf("%s", text)
		}
		if err := r.reply(t, "ada@example.org", to, "", "resolve"); err != nil {
			t.Error(err)
		}
		if s := r.status(); s != "resolved ada" {
			t.Errorf("%s", s)
		}
	})
}

func TestAutomaticRepliesAndBouncesNeverAcknowledge(t *testing.T) {
	inBubble(t, sleepers(adasWakingMail), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		to := r.replyTo(t)
		for _, c := range []struct{ from, headers string }{
			{"ada@example.org", "Auto-Submitted: auto-replied\r\n"}, {"ada@example.org", "Precedence: bulk\r\n"},
			{"ada@example.org", "X-Autoreply: yes\r\n"}, {"", ""}, {"ada@example.org", "Content-Type: multipart/report; boundary=b\r\n"},
		} {
			if err := r.reply(t, c.from, to, c.headers, "ack\r\n"); err != nil {
				t.Errorf("%+v: %v", c, err)
			}
		}
		if s := r.status(); s != "triggered" {
			t.Errorf("%s", s)
		}
		if n := len(r.took(&r.mails)); n != 1 {
			t.Errorf("%d mails: a program was answered", n)
		}
	})
}

func TestAReplyThatIsNotUnderstoodIsAskedBackAFewTimes(t *testing.T) {
	inBubble(t, sleepers(adasWakingMail), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		to := r.replyTo(t)
		for n := range 6 {
			if err := r.reply(t, "ada@example.org", to, "", "no problem, who is it?"); err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				if _, text := r.lastMail(t); !strings.Contains(text, "Your reply was not understood, and nothing was done.") || r.replyTo(t) != to {
					t.Errorf("%s", text)
				}
			}
		}
		if n := len(r.took(&r.mails)); n != 4 {
			t.Errorf("%d mails", n)
		}
		if err := r.reply(t, "ada@example.org", to, "", "No, I am on a train"); err != nil {
			t.Fatal(err)
		}
		expect(t, "the timeline", r.told("passed_on"), []string{"+1s passed_on: Passed on by Ada Adams by mail"})
	})
}

func TestAReplyToAnUnknownAddressIsRefused(t *testing.T) {
	inBubble(t, sleepers(adasWakingMail), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		to := r.replyTo(t)
		for _, other := range []string{
			"ack@tocsin.example.org", "ack+@tocsin.example.org", "ack+abcdefghijklmnopqrstuvwxyz@tocsin.example.org", "postmaster@tocsin.example.org",
			strings.Replace(to, "@tocsin.", "@other.", 1), strings.Replace(to, "ack+", "no+", 1),
		} {
			var refused *client.SMTPError
			if err := r.reply(t, "ada@example.org", other, "", "ack"); !errors.As(err, &refused) || refused.Code != 550 {
				t.Errorf("%s: %v", other, err)
			}
		}
		var refused *client.SMTPError
		if err := r.reply(t, "ada@example.org", to, "", "ack\r\n"+strings.Repeat(strings.Repeat("x", 998)+"\r\n", 4<<10+100)); !errors.As(err, &refused) || refused.Code != 552 {
			t.Errorf("too long: %v", err)
		}
		if s := r.status(); s != "triggered" && s != "acknowledged ada" {
			t.Errorf("%s", s)
		}
	})
}

func TestOneReplyAnswersAWholeBundle(t *testing.T) {
	inBubble(t, onlyAda(adasWakingMail), func(r *reached) {
		r.storm(0, 30)
		r.after(bundled)
		m, text := r.lastMail(t)
		if m.Header.Get("Subject") != "30 incidents are open for you" || !strings.Contains(text, "The shop: critical incident 1\r\n") || !strings.Contains(text, "… and 18 more") {
			t.Errorf("%s\n%s", m.Header.Get("Subject"), text)
		}
		if err := r.reply(t, "ada@example.org", r.replyTo(t), "", "ack"); err != nil {
			t.Fatal(err)
		}
		if n := r.acknowledgedBy("ada"); n != 30 {
			t.Errorf("%d", n)
		}
	})
}

func TestMailConnectionsAreFewAndEnd(t *testing.T) {
	inBubble(t, sleepers(adasWakingMail), func(r *reached) {
		r.storm(0, 1)
		r.after(time.Second)
		to := r.replyTo(t)
		for range 32 { // who connects and says nothing, or a word now and then
			here, there := net.Pipe()
			r.mailbox.conns <- there
			go func() {
				for {
					if _, err := here.Write([]byte("NOOP\r\n")); err != nil {
						return
					}
					time.Sleep(10 * time.Second)
				}
			}()
			go func() { _, _ = io.Copy(&bytes.Buffer{}, here) }()
		}
		begun := time.Now()
		if err := r.reply(t, "ada@example.org", to, "", "ack"); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(begun); waited < time.Second || waited > 4*time.Minute {
			t.Error(fmt.Sprint("waited ", waited))
		}
		if s := r.status(); s != "acknowledged ada" {
			t.Errorf("%s", s)
		}
		time.Sleep(time.Minute) // until the last of them has noticed
	})
}
