package link

import (
	"net"
	"time"

	"github.com/google/uuid"

	"tocsin/agent/inbox"
)

// Machine is what the session asks of the machine beside files and the hub.
type Machine struct {
	// Boot differs after every start of the machine.
	Boot string
	// Uptime is the time since then, suspended time included; it must not be
	// nil.
	Uptime func() time.Duration
	// NoNetwork says that the machine has no way out at all.
	NoNetwork func() bool
}

// ThisMachine answers the real one.
func ThisMachine() Machine {
	boot, uptime := bootClock()
	return Machine{Boot: boot, Uptime: uptime, NoNetwork: noNetwork}
}

func (m Machine) stamp() inbox.Stamp {
	return inbox.Stamp{ID: newID(), Boot: m.Boot, Uptime: m.Uptime()}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// age is how long ago a report was made. Since the machine's start the boot
// clock tells it, whatever was done to the wall clock; across a start only the
// wall clock is left, and the age is a guess.
func (m Machine) age(r inbox.Report, now time.Time) (age time.Duration, uncertain bool) {
	if r.Boot == m.Boot {
		return max(0, m.Uptime()-r.Uptime), false
	}
	return max(0, now.Sub(r.Made)), true
}

func noNetwork() bool {
	faces, err := net.Interfaces()
	if err != nil {
		return false
	}
	for _, face := range faces {
		if face.Flags&net.FlagUp == 0 || face.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, err := face.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			if ip, ok := a.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() {
				return false
			}
		}
	}
	return true
}

// processClock stands in where the machine's start is not known: it begins with
// this process, so ages across a restart of the agent are called uncertain. It
// is the wall clock, as the monotonic one stands still in suspend.
func processClock() (boot string, uptime func() time.Duration) {
	started := time.Now().Round(0)
	return newID(), func() time.Duration { return time.Now().Round(0).Sub(started) }
}
