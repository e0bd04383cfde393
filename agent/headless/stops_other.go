//go:build !unix

package headless

func ignoreStops() {}
