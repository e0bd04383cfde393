package gateway

import (
	"encoding/xml"
	"strings"
)

// TwiML, the markup by which a phone gateway is told what to say.

const twimlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Response>"

// Say is a document that says something and hangs up.
func Say(text string) string {
	return twimlHead + "<Say>" + escape(text) + "</Say></Response>"
}

// Ask is a document that says something, twice, and waits for one key, which is
// told to an address. Who presses none hears the last words.
func Ask(text, address, last string) string {
	said := `<Say>` + escape(text) + `</Say><Pause length="2"/>`
	return twimlHead + `<Gather numDigits="1" timeout="10" method="POST" action="` + escape(address) + `">` + said + said +
		"</Gather><Say>" + escape(last) + "</Say></Response>"
}

// Text is a document that answers a text message; an empty one answers nothing.
func Text(text string) string {
	if text == "" {
		return twimlHead + "</Response>"
	}
	return twimlHead + "<Message>" + escape(text) + "</Message></Response>"
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}
