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
	Listen string `help:"Where agents and sources connect; loopback only in this version." default:"${listen}" env:"TOCSIN_LISTEN" placeholder:"ADDR"`
	Debug  bool   `help:"Log more."`
}

// Help says more than one line can.
func (serveCmd) Help() string {
	return `Runs until it is interrupted. All data lies in the folder of --data: the database, the
socket for this command line, and audit.key, which seals the timelines (keep a copy of it
elsewhere).

Examples:
  hub serve
  hub serve --listen 127.0.0.1:7411 --data /var/lib/tocsin`
}

// Run serves until the context ends.
func (c *serveCmd) Run(ctx context.Context, g *globals, s Streams) error {
	hub, err := app.Open(ctx, config.Config{Listen: c.Listen, Data: g.Data}, newLog(s.Err, c.Debug))
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
