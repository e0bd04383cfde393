package app

import (
	"errors"
	"os"
	"path/filepath"

	"tocsin/hub/config"
	"tocsin/hub/gateway"
)

// openGateways reads by what messages are sent. Without a file there is still
// what needs no settings.
func openGateways(c config.Config, dial gateway.Dial) (*gateway.Set, error) {
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
	return gateway.New(settings, dial), nil
}
