package link

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// bootClock names this start of the machine and the time since, which goes on
// in suspend.
func bootClock() (boot string, uptime func() time.Duration) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return processClock()
	}
	return strings.TrimSpace(string(id)), func() time.Duration {
		var t unix.Timespec
		if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) != nil {
			return 0
		}
		return time.Duration(t.Nano())
	}
}
