package notice

import (
	"slices"
	"testing"

	"tocsin/hub/responder"
)

func TestAQuietNoticeGoesByWhatDoesNotWakeAndWhereThereIsNoOtherWayByWhatWakesButNeverCalls(t *testing.T) {
	mail := responder.ContactMethod{ID: "mail", Kind: responder.KindEmail}
	sms := responder.ContactMethod{ID: "sms", Kind: responder.KindSMS, Wakes: true}
	phone := responder.ContactMethod{ID: "phone", Kind: responder.KindPhone, Wakes: true}
	for what, c := range map[string]struct {
		methods []responder.ContactMethod
		device  bool
		want    []responder.MethodID
	}{
		"mail and text": {[]responder.ContactMethod{mail, sms}, false, []responder.MethodID{"mail"}},
		"only text":     {[]responder.ContactMethod{phone, sms}, false, []responder.MethodID{"sms"}},
		"with a device": {[]responder.ContactMethod{phone, sms}, true, nil},
		"only a phone":  {[]responder.ContactMethod{phone}, false, nil},
	} {
		got := ViaQuiet.Methods(responder.User{ContactMethods: c.methods}, c.device, func(string) bool { return true })
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}
