//go:build !linux

package link

import "time"

func bootClock() (boot string, uptime func() time.Duration) { return processClock() }
