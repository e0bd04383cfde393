package gateway

import (
	"net/url"
	"strings"
	"testing"
)

func TestTheGatewaysSignatureIsChecked(t *testing.T) {
	set := New(Settings{Phone: []PhoneGateway{{SignToken: "other"}, {SignToken: "12345"}}}, nil)
	const address, good = "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
	form := func() url.Values { // the example of the interface's own libraries
		return url.Values{"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"}}
	}
	if !set.Signed(address, form(), good) {
		t.Error("a good signature was refused")
	}
	changed := form()
	changed.Set("Digits", "1")
	for name, signed := range map[string]bool{
		"a changed form":    set.Signed(address, changed, good),
		"another address":   set.Signed(strings.Replace(address, "https", "http", 1), form(), good),
		"another signature": set.Signed(address, form(), "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
		"no signature":      set.Signed(address, form(), ""),
		"nonsense":          set.Signed(address, form(), "%%%"),
		"no gateway":        New(Settings{}, nil).Signed(address, form(), good),
	} {
		if signed {
			t.Errorf("%s was taken", name)
		}
	}
}
