package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"tocsin/hub/answer"
	"tocsin/hub/config"
	"tocsin/hub/fault"
	"tocsin/hub/gateway"
)

// openGateways reads by what messages are sent. Without a file there is still
// what needs no settings.
func openGateways(c config.Config, dial gateway.Dial, log *slog.Logger) (*gateway.Set, error) {
	file := c.Gateways
	if file == "" {
		file = filepath.Join(c.Data, "gateways.yaml")
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			return gateway.New(gateway.Settings{}, dial), nil
		}
	}
	settings, err := gateway.ReadSettings(file)
	if err != nil {
		return nil, err
	}
	if c.PublicURL == "" {
		log.Warn("links and calls lead to where the hub listens, which no telephone reaches; set --public-url")
	}
	if settings.Mail.ReplyTo != "" && c.MailListen == "" {
		log.Warn("mail.reply_to is set, but nothing takes replies: mails do not ask for them; set --mail-listen")
		settings.Mail.ReplyTo = ""
	}
	return gateway.New(settings, dial), nil
}

// listenMail opens where replies by mail are handed in.
func (h *Hub) listenMail(ctx context.Context) (err error) {
	switch {
	case h.config.MailListen == "":
		return nil
	case h.gateways.ReplyTo() == "":
		return fault.New(fault.Invalid, "--mail-listen: set mail.reply_to in the file of --gateways, the address that mails are replied to")
	case h.mail != nil: // a test's
		return nil
	}
	var lc net.ListenConfig
	if h.mail, err = lc.Listen(ctx, "tcp", h.config.MailListen); err != nil {
		return fmt.Errorf("--mail-listen: listen on %s: %w", h.config.MailListen, err)
	}
	h.log.Info("replies by mail are taken", "at", h.mail.Addr().String(), "reply_to", h.gateways.ReplyTo())
	return nil
}

func (h *Hub) mailbox() *answer.Mailbox {
	return &answer.Mailbox{Handler: h.answers, Address: h.gateways.ReplyTo(), Gateways: h.gateways}
}
