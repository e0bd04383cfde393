package app

import (
	"strings"
	"testing"
	"time"
)

const staged = `
organisation: Test
catch_all: [ada]
users: [{id: ada, name: Ada Adams, role: admin}]
escalation_policies:
  - {id: shop, levels: [{timeout: 5m, targets: [{user: ada}]}]}
services:
  - id: shop
    escalation_policy: shop
    urgency: high
    suppress: [{note: "only information", when: [{field: severity, is: info}]}]
    integrations: [{id: events, kind: events_v2, key_from: {env: KEY}}]
`

func TestASuppressRuleKeepsWhatItMatchesAndPagesNobodyUntilItIsTakenAway(t *testing.T) {
	inBubble(t, staged, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.is("answered", h.send("trigger", "disk", "info"), 202)
		h.restart(0)
		h.sleep(time.Hour)
		h.is("paged", h.paged(1), "")
		h.is("urgency", h.incident(1).Urgency, "suppressed")
		h.is("the timeline", h.said(1, "suppresses"), "A rule of the service suppresses it, so nobody is told: only information")
		h.send("trigger", "other", "critical")
		h.is("of another severity", h.paged(2), "ada 0s triggered")
		h.apply(strings.Replace(staged, "field: severity, is: info", "field: severity, is: warning", 1))
		h.send("trigger", "disk", "info") // the source goes on saying it
		h.settle()
		h.is("paged once no rule suppresses it", h.paged(1), "ada 1h0m0s triggered")
		h.is("urgency afterwards", h.incident(1).Urgency, "high")
	})
}
