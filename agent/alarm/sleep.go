package alarm

// Sleep is what a machine is about to do, or has done.
type Sleep string

// What is told of a machine's sleep.
const (
	// Suspending and ShuttingDown: the machine waits, a few seconds at most,
	// until the listener has returned.
	Suspending   Sleep = "suspend"
	ShuttingDown Sleep = "shutdown"
	Awake        Sleep = "awake"
)
