package cli

import (
	"context"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"

	"tocsin/hub/app"
	"tocsin/hub/config"
)

type serveCmd struct {
	Listen     string `help:"Where agents and sources connect; loopback only in this version." default:"${listen}" env:"TOCSIN_LISTEN" placeholder:"ADDR"`
	PublicURL  string `name:"public-url" help:"Where browsers and phone gateways reach this hub, for the links in messages; default: where it listens." env:"TOCSIN_PUBLIC_URL" placeholder:"URL"`
	Gateways   string `help:"The file that says by what messages are sent; default: gateways.yaml in the data folder, if it is there." env:"TOCSIN_GATEWAYS" placeholder:"FILE"`
	MailListen string `name:"mail-listen" help:"Where the mail server of this machine hands in replies to pages (SMTP, loopback only)." env:"TOCSIN_MAIL_LISTEN" placeholder:"ADDR"`
	Debug      bool   `help:"Log more."`
}

// Help says more than one line can.
func (serveCmd) Help() string {
	return `Runs until it is interrupted. All data lies in the folder of --data: the database, the
socket for this command line, and audit.key, which seals the timelines (keep a copy of it
elsewhere).

Examples:
  hub serve
  hub serve --listen 127.0.0.1:7411 --data /var/lib/tocsin
  hub serve --gateways gateways.yaml --public-url https://tocsin.example.org
  hub serve --gateways gateways.yaml --mail-listen 127.0.0.1:7425`
}

// Run serves until the context ends.
func (c *serveCmd) Run(ctx context.Context, g *globals, s Streams) error {
	hub, err := app.Open(ctx, config.Config{Listen: c.Listen, Data: g.Data, PublicURL: c.PublicURL, Gateways: c.Gateways, MailListen: c.MailListen}, newLog(s.Err, c.Debug))
	if err != nil {
		return err
	}
	return hub.Run(ctx)
}

// newLog logs for people on a terminal, and for programs (logfmt) elsewhere.
func newLog(w io.Writer, debug bool) *slog.Logger {
	level := slog.LevelInfo
	if debug {
		level = slog.LevelDebug
	}
	if file, ok := w.(*os.File); ok && terminalWidth(file) > 0 {
		_, plain := os.LookupEnv("NO_COLOR")
		return slog.New(tint.NewTextHandler(w, &tint.Options{Level: level, TimeFormat: time.TimeOnly, NoColor: plain}))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}
