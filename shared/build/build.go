// Package build says which version of the programs this is.
package build

import "runtime/debug"

// version is set by the linker: -ldflags "-X tocsin/shared/build.version=…".
var version string

// Version is what the release is called, else the commit it was built from.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "0.0.0-" + s.Value[:12]
		}
	}
	return "0.0.0-dev"
}
