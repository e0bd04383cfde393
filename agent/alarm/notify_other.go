//go:build !linux

package alarm

import "context"

// Notifier shows notifications. Make it with NewNotifier, and run it.
type Notifier struct{}

// NewNotifier makes a Notifier; it needs no list. acted is called from Run's goroutine and must
// not block. On this system notifications do not say what was clicked.
func NewNotifier(list string, acted func(key string, a Action)) *Notifier { return &Notifier{} }

// Run waits until ctx is done.
func (n *Notifier) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Show brings a notification up. An error means that nothing was shown.
func (n *Notifier) Show(ctx context.Context, x Notification) error { return beep(x.tidy()) }

// Close does nothing: on this system notifications go by themselves.
func (n *Notifier) Close(ctx context.Context, key string) error { return nil }
