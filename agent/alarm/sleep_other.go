//go:build !linux

package alarm

import "context"

// WatchSleep knows nothing of sleep on this system; it waits for ctx.
func WatchSleep(ctx context.Context, _ func(Sleep)) { <-ctx.Done() }
