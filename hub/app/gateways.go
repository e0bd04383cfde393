package app

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"tocsin/hub/config"
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
	return gateway.New(settings, dial), nil
}
