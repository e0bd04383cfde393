package readiness

import (
	"fmt"
	"strings"

	"tocsin/hub/responder"
)

// Reach is all that others see of how a user can be reached.
type Reach string

// The answers.
const (
	Yes       Reach = "yes"
	No        Reach = "no"
	Unchecked Reach = "unchecked"
)

// Device is what a look found of one device.
type Device struct {
	Name      string
	Connected bool
	Answered  bool // the probe, in time
	Ready     bool // it could alarm
	Problems  []string
}

// Method is what is known of one contact method.
type Method struct {
	ID     responder.MethodID
	Kind   string
	Wakes  bool
	Usable bool // the hub has a gateway for it
	Used   bool // some message went this way, or failed to
	Worked bool // the last one was accepted
}

// Facts are what a look found.
type Facts struct {
	Devices []Device
	Methods []Method
}

// Verdict is what a look means.
type Verdict struct {
	// Good: a device would alarm, and a contact method would wake the user with the
	// laptop closed.
	Good  bool
	Reach Reach
	// Problems say what is wrong and what to do, to the user alone.
	Problems []string
	// Devices and Wakes say in a few words how either way stands; others may see
	// them who look after the hub.
	Devices string
	Wakes   string
}

// Judge says what a look means.
func Judge(f Facts) Verdict {
	devices, problem := f.devices()
	wakes, missing := f.wakes()
	v := Verdict{Good: problem == "" && missing == "", Devices: devices, Wakes: wakes}
	for _, p := range []string{problem, missing} {
		if p != "" {
			v.Problems = append(v.Problems, p)
		}
	}
	reach := No
	if problem == "" {
		reach = Yes
	}
	v.Reach = ReachBy(reach, f.Methods)
	return v
}

// ReachBy says whether a user can be reached by what is known of the devices and
// of the contact methods that wake.
func ReachBy(devices Reach, methods []Method) Reach {
	best := devices
	for _, m := range methods {
		switch {
		case !m.Wakes || !m.Usable:
		case m.Used && m.Worked:
			return Yes
		case !m.Used && best == No:
			best = Unchecked
		}
	}
	return best
}

// devices says how the devices stand, and what is wrong with all of them.
func (f Facts) devices() (state, problem string) {
	if len(f.Devices) == 0 {
		return "none enrolled", "You have no device: install the agent, and enrol it with a code that hub enroll makes."
	}
	var silent, away []string
	var bad []string
	for _, d := range f.Devices {
		switch {
		case d.Answered && d.Ready:
			return "ready", ""
		case d.Answered:
			bad = append(bad, strings.TrimSpace(d.Name+" could raise no alarm. "+strings.Join(d.Problems, " ")))
		case d.Connected:
			silent = append(silent, d.Name)
		default:
			away = append(away, d.Name)
		}
	}
	var parts []string
	parts = append(parts, bad...)
	if len(silent) > 0 {
		parts = append(parts, fmt.Sprintf("%s did not answer within 10 seconds: start the agent there again.", list(silent)))
	}
	if len(away) > 0 && len(bad)+len(silent) == 0 {
		parts = append(parts, fmt.Sprintf("No agent of yours is connected to the hub (%s): open the laptop, and see to it that the agent runs.", list(away)))
	}
	state = "none connected"
	switch {
	case len(bad) > 0:
		state = "could not alarm"
	case len(silent) > 0:
		state = "no answer"
	}
	return state, strings.Join(parts, " ")
}

// wakes says how the contact methods that wake stand, and what is wrong with all
// of them.
func (f Facts) wakes() (state, problem string) {
	var unusable, failed []string
	for _, m := range f.Methods {
		switch {
		case !m.Wakes:
		case !m.Usable:
			unusable = append(unusable, string(m.ID))
		case m.Used && !m.Worked:
			failed = append(failed, string(m.ID))
		case m.Used:
			return string(m.ID), ""
		default:
			state = string(m.ID) + ", never used"
		}
	}
	switch {
	case state != "":
		return state, ""
	case len(failed) > 0:
		return list(failed) + " failed last", fmt.Sprintf("The last message by %s was not accepted, so that nothing wakes you when the laptop is closed: try it with hub method test.", list(failed))
	case len(unusable) > 0:
		return "no gateway for " + list(unusable), fmt.Sprintf("The hub has no gateway for %s, so that nothing wakes you when the laptop is closed: ask an admin to set one up.", list(unusable))
	}
	return "none", "You have no contact method that wakes you when the laptop is closed: ask an admin for one with wakes: true, such as a telephone call or a push message."
}

// list joins names as people say them.
func list(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return names[0]
}
