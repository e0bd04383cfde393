package answer

import "testing"

func TestTheFirstWordsOfAnAnswerDecide(t *testing.T) {
	for text, want := range map[string]reply{
		"4711 ack":                          {acknowledge, 4711},
		"ack":                               {acknowledge, 0},
		"ACK 12":                            {acknowledge, 12},
		"#12":                               {acknowledge, 12},
		" 12 \n":                            {acknowledge, 12},
		"1":                                 {acknowledge, 0},
		"2":                                 {passOn, 0},
		"12 1":                              {acknowledge, 12},
		"resolve":                           {resolve, 0},
		"12 resolved.":                      {resolve, 12},
		"no":                                {passOn, 0},
		"12 no":                             {passOn, 12},
		"No, I am on a train":               {passOn, 0},
		"No, I am on vacation":              {passOn, 0},
		"I can’t.":                          {passOn, 0},
		"Acknowledged, looking into it now": {acknowledge, 0},
		"Got it! Thanks":                    {acknowledge, 0},
	} {
		if got, ok := understand(text); !ok || got != want {
			t.Errorf("%q: %+v %t", text, got, ok)
		}
	}
}

func TestWhatCouldBeMeantInAnotherWayIsNotUnderstood(t *testing.T) {
	for _, text := range []string{
		"", " ", "hello", "no problem", "no idea", "ack?", "is 12 mine?", "ok, but I can't", "12 13", "acknowledge not", "not acknowledged",
		"I am out of office until Monday", "resolve? no", "yes, not now", "3",
		"Yes, I got your mail and am away until Monday.", "OK! Thank you for your message. I am out of office.", "Ok, ich bin im Urlaub", "Oui, je suis en vacances", "yes - this is an automatic reply", "-12", "99999999999999999999",
	} {
		if got, ok := understand(text); ok {
			t.Errorf("%q was understood as %+v", text, got)
		}
	}
}

func FuzzUnderstand(f *testing.F) {
	for _, text := range []string{"12 ack", "no", "#1, ok", "’’ 10 10 10"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := understand(text)
		if ok && (r.verb == "" || r.number != 0 && r.number < firstNumber) {
			t.Errorf("%+v", r)
		}
	})
}
