//go:build !linux

package desktop

func settleBus() error { return nil }
