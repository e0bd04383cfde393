package duty

import (
	"testing"
	"time"
)

func TestNightIsFromTwentyTwoToEightByOnesOwnClocks(t *testing.T) {
	for clock, want := range map[string]bool{"21:59": false, "22:00": true, "03:00": true, "07:59": true, "08:00": false, "12:00": false} {
		at, err := time.Parse("15:04", clock)
		if err != nil {
			t.Fatal(err)
		}
		if got := night(at); got != want {
			t.Errorf("%s: %t", clock, got)
		}
	}
}
