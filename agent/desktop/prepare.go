package desktop

import (
	"errors"
	"fmt"
	"os"
)

// Prepare makes what Fyne takes for granted; call it before Fyne's app is made.
// What fails is a nuisance, not a reason not to alarm.
func Prepare() error {
	cache, err := os.UserCacheDir()
	if err == nil {
		// Fyne makes its folders in there, but not the folder itself.
		err = os.MkdirAll(cache, 0o700)
	}
	if err = errors.Join(err, settleBus()); err != nil {
		return fmt.Errorf("prepare the desktop: %w", err)
	}
	return nil
}
