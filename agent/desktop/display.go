package desktop

import (
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"runtime"

	"github.com/jezek/xgb"
)

// Display says whether there is a screen to draw on; if not, why, as the end of
// a sentence. It tries, since Fyne panics where there is none and where the one
// that the environment names does not answer.
func Display() (ok bool, why string) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true, ""
	}
	wayland, x11 := os.Getenv("WAYLAND_DISPLAY"), os.Getenv("DISPLAY")
	switch {
	case wayland == "" && x11 == "":
		return false, "neither DISPLAY nor WAYLAND_DISPLAY is set"
	case wayland != "" && waylandAnswers(wayland), x11 != "" && x11Answers():
		return true, ""
	}
	return false, "the one that DISPLAY or WAYLAND_DISPLAY names does not answer"
}

func waylandAnswers(name string) bool {
	if !filepath.IsAbs(name) {
		name = filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), name)
	}
	conn, err := net.Dial("unix", name)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func x11Answers() bool {
	// It tells its own log what this function answers.
	xgb.Logger = log.New(io.Discard, "", 0)
	conn, err := xgb.NewConn()
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
