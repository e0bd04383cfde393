package cli

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

const lengthWanted = "expected a length of time such as 90s, 30m, 2h or 7d"

// lengthOfTime reads one as the configuration file writes it, with days, and as
// Go does. Whether one that is not ahead makes sense, each command says.
func lengthOfTime(ctx *kong.DecodeContext, target reflect.Value) error {
	token := ctx.Scan.Pop()
	if token.IsEOL() {
		return fmt.Errorf("%s", lengthWanted)
	}
	text := fmt.Sprint(token.Value)
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int64
		n, err = strconv.ParseInt(days, 10, 16)
		d = time.Duration(n) * 24 * time.Hour
	}
	if err != nil {
		return fmt.Errorf("%q: %s", text, lengthWanted)
	}
	target.SetInt(int64(d))
	return nil
}
