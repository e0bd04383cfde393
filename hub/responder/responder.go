// Package responder knows the people whom an incident can reach: users, the
// teams they form, the devices and contact methods that reach them, and the
// times in which they must be left alone.
//
// It is the lowest package of the core: plain values, no I/O and no clock.
package responder

import (
	"slices"
	"strings"
	"time"
)

// UserID names a user in the configuration, for example "ada". It never
// changes; names may.
type UserID string

// TeamID names a team in the configuration.
type TeamID string

// DeviceID identifies one enrolled agent (a UUIDv7 made by the hub).
type DeviceID string

// MethodID names one contact method of one user, unique for that user.
type MethodID string

// Devices is the reserved method id that stands for all enrolled devices of a
// user in a notification rule.
const Devices MethodID = "devices"

// Role says what a user may do on the hub.
type Role string

// The roles, from the most to the least powerful.
const (
	Admin     Role = "admin"
	Manager   Role = "manager"
	Responder Role = "responder"
	Observer  Role = "observer"
)

// Roles lists every role, for checking input.
var Roles = []Role{Admin, Manager, Responder, Observer}

// User is a person who can be paged.
type User struct {
	ID             UserID
	Name           string
	Email          string
	TimeZone       string // IANA name; the user's own local time
	Locale         string // en, de or fr
	Role           Role
	ContactMethods []ContactMethod
	Rules          Rules
}

// The kinds of contact method.
const (
	KindEmail    = "email"
	KindNtfy     = "ntfy"
	KindPhone    = "phone"
	KindSMS      = "sms"
	KindSlack    = "slack" // an incoming webhook in Slack's form
	KindTeams    = "teams"
	KindWebhook  = "webhook"
	KindShoutrrr = "shoutrrr" // a service that the library of this name knows
)

// ContactMethod is a way to reach a user beside the user's devices.
type ContactMethod struct {
	ID      MethodID
	Kind    string
	Address string
	Wakes   bool // it can wake the user with the laptop closed
}

// Rule says that a page travels by a method a while after it was made.
type Rule struct {
	After time.Duration
	Via   MethodID
}

// Rules are a user's notification rules by urgency. Empty means the default.
type Rules struct {
	High []Rule
	Low  []Rule
}

// Default waits for users without rules of their own.
const (
	DefaultWakesAfter = 30 * time.Second
	DefaultOtherAfter = 60 * time.Second
)

// For returns the rules in force for an urgency, in order of their waits:
// the user's own, or by default all devices at once, then (high urgency only)
// the methods that wake at 30 s and the others at 60 s.
func (u User) For(high bool) []Rule {
	own := u.Rules.Low
	if high {
		own = u.Rules.High
	}
	if len(own) > 0 {
		return own
	}
	rules := []Rule{{Via: Devices}}
	if !high {
		return rules
	}
	for _, m := range u.ContactMethods {
		if m.Wakes {
			rules = append(rules, Rule{After: DefaultWakesAfter, Via: m.ID})
		}
	}
	for _, m := range u.ContactMethods {
		if !m.Wakes {
			rules = append(rules, Rule{After: DefaultOtherAfter, Via: m.ID})
		}
	}
	return rules
}

// Method finds a contact method by id.
func (u User) Method(id MethodID) (ContactMethod, bool) {
	for _, m := range u.ContactMethods {
		if m.ID == id {
			return m, true
		}
	}
	return ContactMethod{}, false
}

// Quiet lists the contact methods, of those that the hub carries, by which the user
// is told of what can wait: those that do not wake. Who has neither one nor a device is
// told by what wakes, but is not called.
func (u User) Quiet(device bool, carries func(kind string) bool) []ContactMethod {
	only := !device && !slices.ContainsFunc(u.ContactMethods, func(m ContactMethod) bool { return !m.Wakes && carries(m.Kind) })
	var list []ContactMethod
	for _, m := range u.ContactMethods {
		if carries(m.Kind) && (!m.Wakes || only && m.Kind != KindPhone) {
			list = append(list, m)
		}
	}
	return list
}

// Zone is the user's own time zone; UTC where none is known by that name.
func (u User) Zone() *time.Location {
	if zone, err := time.LoadLocation(u.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

// FirstName is what a small window calls the user.
func (u User) FirstName() string {
	if name, _, _ := strings.Cut(u.Name, " "); name != "" {
		return name
	}
	return string(u.ID)
}

// Team is a group of users that owns services and schedules.
type Team struct {
	ID       TeamID
	Name     string
	Managers []UserID
	Members  []UserID
}

// Has reports whether the user is a member or a manager of the team.
func (t Team) Has(u UserID) bool {
	for _, list := range [][]UserID{t.Members, t.Managers} {
		for _, m := range list {
			if m == u {
				return true
			}
		}
	}
	return false
}

// Device is one enrolled agent of one user.
type Device struct {
	ID       DeviceID
	User     UserID
	Name     string // what the person sees, usually the host name
	OS       string
	Enrolled time.Time
	Revoked  time.Time // zero while the device may connect
}

// Absence is a stretch [Start, End) in which a user is not paged, except as a
// catch-all user.
type Absence struct {
	ID    string
	User  UserID
	Start time.Time
	End   time.Time
	Made  time.Time // when it was entered; one made ahead of time is planned
}

// Covers reports whether the absence holds at the instant.
func (a Absence) Covers(t time.Time) bool {
	return !t.Before(a.Start) && t.Before(a.End)
}
