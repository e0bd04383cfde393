package desktop

import "tocsin/agent/alarm/bus"

// settleBus keeps Fyne from starting a message bus that outlives it.
func settleBus() error { return bus.Settle() }
