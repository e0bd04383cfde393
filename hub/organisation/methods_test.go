package organisation

import (
	"fmt"
	"testing"
	"time"

	"tocsin/hub/responder"
)

func TestMethodsFollowTheRulesThatCanBeFollowed(t *testing.T) {
	rule := func(after time.Duration, via responder.MethodID) responder.Rule {
		return responder.Rule{After: after, Via: via}
	}
	for _, c := range []struct {
		name     string
		rules    []responder.Rule
		gateways []string
		want     string
	}{
		{"without rules: devices, what wakes, the others", nil, nil, "[devices 0s phone 30s wakes mail 1m0s]"},
		{"without a gateway the method is left out", nil, []string{"email"}, "[devices 0s mail 1m0s]"},
		{"the user's own rules", []responder.Rule{rule(0, "phone"), rule(time.Minute, "devices")}, nil, "[phone 0s wakes devices 1m0s]"},
		{"a method in two rules is used once", []responder.Rule{rule(0, "phone"), rule(time.Minute, "phone")}, nil, "[phone 0s wakes]"},
		{"rules that nothing can follow: devices at once", []responder.Rule{rule(0, "phone")}, []string{"email"}, "[devices 0s]"},
		{"rules that begin so: devices at once", []responder.Rule{rule(0, "phone"), rule(time.Minute, "mail")}, []string{"email"}, "[devices 0s mail 1m0s]"},
		{"a method that is not there", []responder.Rule{rule(0, "devices"), rule(time.Minute, "pigeon")}, nil, "[devices 0s]"},
	} {
		u := responder.User{ID: "ada", Rules: responder.Rules{High: c.rules}, ContactMethods: []responder.ContactMethod{
			{ID: "mail", Kind: responder.KindEmail}, {ID: "phone", Kind: responder.KindPhone, Wakes: true},
		}}
		var got []any
		for _, m := range New(Set{Users: []responder.User{u}, Gateways: c.gateways}).methods(u, true) {
			got = append(got, m.ID, m.After)
			if m.Wakes {
				got = append(got, "wakes")
			}
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, not %s", c.name, got, c.want)
		}
	}
}
