//go:build unix

package headless

import (
	"os/signal"
	"syscall"
)

// ignoreStops keeps the alarm going in the background of a shell: reading the
// terminal from there would stop the whole process.
func ignoreStops() { signal.Ignore(syscall.SIGTTIN, syscall.SIGTTOU) }
