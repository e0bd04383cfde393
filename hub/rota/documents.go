package rota

import (
	"tocsin/hub/escalation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// The kinds of object that are stored.
const (
	KindOrganisation = "organisation"
	KindUser         = "user"
	KindTeam         = "team"
	KindSchedule     = "schedule"
	KindPolicy       = "escalation_policy"
	KindService      = "service"
	KindIntegration  = "integration"
	KindWindow       = "maintenance_window"
	KindOverride     = "override"
	KindAbsence      = "absence"     // one that recurs and that a person entered
	KindPresence     = "presence"    // a time in which none of these counts
	KindMaintenance  = "maintenance" // a window that a person made
)

// Documents is a whole configuration. Each element is stored as one object, in
// the shape that its struct has here.
//
// Of the tags, json names a field in the file and in the store; default is what
// stands there when the file says nothing; ref names the kind that an id must
// belong to; file has required, nullable (null is an entry) or none (not
// written in the file).
type Documents struct {
	Organisation OrganisationDoc
	Users        []UserDoc
	Teams        []TeamDoc
	Schedules    []ScheduleDoc
	Policies     []PolicyDoc
	Services     []ServiceDoc
	Integrations []IntegrationDoc
	Windows      []WindowDoc
	Overrides    []OverrideDoc    // that people made beside the file, in the order they did
	Maintenance  []MaintenanceDoc // likewise
	Absences     []AbsenceDoc     // likewise, those that recur
	Presences    []PresenceDoc    // likewise
}

// OrganisationDoc is what holds for the hub as a whole.
type OrganisationDoc struct {
	Name     Name    `json:"organisation,omitzero"`
	CatchAll []ID    `json:"catch_all,omitzero" ref:"user"`
	Figures  Figures `json:"figures,omitzero"`
}

// UserDoc is a person.
type UserDoc struct {
	ID                ID                 `json:"id" file:"required"`
	Name              Name               `json:"name,omitzero"`
	Email             Email              `json:"email,omitzero"`
	TimeZone          Zone               `json:"time_zone" default:"UTC"`
	Locale            Locale             `json:"locale" default:"en"`
	Role              responder.Role     `json:"role" default:"responder"`
	ContactMethods    []ContactMethod    `json:"contact_methods,omitzero"`
	NotificationRules Rules              `json:"notification_rules,omitzero"`
	Absences          []RecurringAbsence `json:"absences,omitzero"`
}

// ContactMethod is a way to reach a user beside the user's devices. Which of
// Address, URL and Number it has depends on the kind.
type ContactMethod struct {
	ID      ID         `json:"id" file:"required"`
	Kind    MethodKind `json:"kind" file:"required"`
	Address Email      `json:"address,omitzero"`
	URL     MethodURL  `json:"url,omitzero"`
	Number  Phone      `json:"number,omitzero"`
	Wakes   bool       `json:"wakes,omitzero"`
}

// Rules say when a page travels by which method.
type Rules struct {
	High []Rule `json:"high,omitzero"`
	Low  []Rule `json:"low,omitzero"`
}

// Rule is one way and its wait.
type Rule struct {
	After Duration `json:"after" file:"required"`
	Via   ID       `json:"via" file:"required"`
}

// TeamDoc is a group of users.
type TeamDoc struct {
	ID       ID   `json:"id" file:"required"`
	Name     Name `json:"name,omitzero"`
	Managers []ID `json:"managers,omitzero" ref:"user"`
	Members  []ID `json:"members,omitzero" ref:"user"`
}

// ScheduleDoc says who is on call over time.
type ScheduleDoc struct {
	ID         ID                  `json:"id" file:"required"`
	Name       Name                `json:"name,omitzero"`
	Team       ID                  `json:"team,omitzero" ref:"team"`
	TimeZone   Zone                `json:"time_zone" file:"required"`
	WhenAbsent schedule.WhenAbsent `json:"when_absent" default:"next_participant"`
	Layers     []Layer             `json:"layers,omitzero"`
	Overrides  []Override          `json:"overrides,omitzero"`
}

// Layer is a rotation with its restrictions. An empty participant is a gap.
type Layer struct {
	Name         Name          `json:"name" file:"required"`
	Rotation     Rotation      `json:"rotation" file:"required"`
	Participants []ID          `json:"participants" file:"required,nullable" ref:"user"`
	Restrictions []Restriction `json:"restrictions,omitzero"`
	Until        Moment        `json:"until,omitzero"`
}

// Rotation passes turns along.
type Rotation struct {
	Kind   schedule.Kind `json:"kind" file:"required"`
	Length int           `json:"length" default:"1"`
	Start  Moment        `json:"start" file:"required"`
}

// Restriction is a window of the day ("09:00") or of the week ("fri 18:00").
type Restriction struct {
	Days []Day     `json:"days,omitzero"`
	From ClockTime `json:"from" file:"required"`
	To   ClockTime `json:"to" file:"required"`
}

// Override puts a user on call for a stretch.
type Override struct {
	ID       ID     `json:"id" file:"required"`
	Start    Moment `json:"start" file:"required"`
	End      Moment `json:"end" file:"required"`
	User     ID     `json:"user" file:"required" ref:"user"`
	Replaces ID     `json:"replaces,omitzero" ref:"user"`
}

// PolicyDoc is an escalation policy.
type PolicyDoc struct {
	ID            ID                   `json:"id" file:"required"`
	Name          Name                 `json:"name,omitzero"`
	Team          ID                   `json:"team,omitzero" ref:"team"`
	Repeat        int                  `json:"repeat,omitzero"`
	WhenExhausted escalation.Exhausted `json:"when_exhausted" default:"keep_paging"`
	Levels        []Level              `json:"levels" file:"required"`
}

// Level is whom to page and how long to wait.
type Level struct {
	Timeout  Duration `json:"timeout" file:"required"`
	Targets  []Target `json:"targets" file:"required"`
	Strategy Strategy `json:"strategy" default:"all"`
}

// Target is a user, a schedule or a team.
type Target struct {
	User     ID `json:"user,omitzero" ref:"user"`
	Schedule ID `json:"schedule,omitzero" ref:"schedule"`
	Team     ID `json:"team,omitzero" ref:"team"`
}

// ServiceDoc is something that can break.
type ServiceDoc struct {
	ID                     ID            `json:"id" file:"required"`
	Name                   Name          `json:"name,omitzero"`
	Team                   ID            `json:"team,omitzero" ref:"team"`
	EscalationPolicy       ID            `json:"escalation_policy" file:"required" ref:"escalation_policy"`
	Runbook                URL           `json:"runbook,omitzero"`
	Urgency                Urgency       `json:"urgency" default:"by_severity"`
	SupportHours           SupportHours  `json:"support_hours,omitzero"`
	OutgoingText           OutgoingText  `json:"outgoing_text" default:"minimal"`
	AcknowledgementTimeout Duration      `json:"acknowledgement_timeout" default:"30m"`
	OpenReminder           *Duration     `json:"open_reminder,omitzero"`
	Hold                   Duration      `json:"hold,omitzero"`
	ReopenWindow           Duration      `json:"reopen_window" default:"15m"`
	Grouping               Grouping      `json:"grouping,omitzero"`
	Suppress               []Suppression `json:"suppress,omitzero"`
}

// Suppression is a rule by which triggers of a service are kept and nobody is told.
type Suppression struct {
	Note Text    `json:"note,omitzero"`
	When []Match `json:"when" file:"required"`
}

// Match is a condition on a trigger.
type Match struct {
	Field Text `json:"field" file:"required"`
	Is    Text `json:"is" file:"required"`
}

// SupportHours are when a service's incidents are of high urgency.
type SupportHours struct {
	TimeZone Zone      `json:"time_zone" file:"required"`
	Days     []Day     `json:"days,omitzero"`
	From     ClockTime `json:"from" file:"required"`
	To       ClockTime `json:"to" file:"required"`
}

// Grouping says which alerts become one incident.
type Grouping struct {
	By     GroupingBy `json:"by,omitzero"`
	Fields []Text     `json:"fields,omitzero"`
	Within Duration   `json:"within,omitzero"`
}

// IntegrationDoc is one way in to a service.
type IntegrationDoc struct {
	ID                ID              `json:"id" file:"required"`
	Service           ID              `json:"service" file:"none"`
	Kind              IntegrationKind `json:"kind" file:"required"`
	KeyFrom           KeyFrom         `json:"key_from,omitzero"`
	ForbidAcknowledge bool            `json:"forbid_acknowledge,omitzero"`
	ResolveAfterQuiet Duration        `json:"resolve_after_quiet,omitzero"`
	AliveBy           ID              `json:"alive_by,omitzero" ref:"integration"`
	Interval          Duration        `json:"interval,omitzero"`
	Grace             Duration        `json:"grace,omitzero"`
	Map               Mapping         `json:"map,omitzero"`
}

// KeyFrom says where the routing key stands if the hub does not make it.
type KeyFrom struct {
	File Text `json:"file,omitzero"`
	Env  Text `json:"env,omitzero"`
}

// Mapping holds the expressions that say what a webhook's body means.
type Mapping struct {
	Action    Text `json:"action,omitzero"`
	DedupKey  Text `json:"dedup_key,omitzero"`
	Summary   Text `json:"summary,omitzero"`
	Severity  Text `json:"severity,omitzero"`
	Source    Text `json:"source,omitzero"`
	Component Text `json:"component,omitzero"`
	Group     Text `json:"group,omitzero"`
	Class     Text `json:"class,omitzero"`
}

// WindowDoc is a maintenance window. Without an id of its own it gets one from what
// it says.
type WindowDoc struct {
	ID       ID     `json:"id,omitzero"`
	Services []ID   `json:"services" file:"required" ref:"service"`
	Start    Moment `json:"start" file:"required"`
	End      Moment `json:"end" file:"required"`
	TimeZone Zone   `json:"time_zone" default:"UTC"`
	Note     Name   `json:"note,omitzero"`
}

// OverrideDoc is an override that a person made beside the file. It applies after
// those of the file, and no file ever removes it. Start and End are instants.
type OverrideDoc struct {
	ID       ID     `json:"id"`
	Schedule ID     `json:"schedule"`
	Start    Moment `json:"start"`
	End      Moment `json:"end"`
	User     ID     `json:"user"`
	Replaces ID     `json:"replaces,omitzero"`
	By       ID     `json:"by,omitzero"`
	Made     Moment `json:"made"`
}

// MaintenanceDoc is a maintenance window that a person made beside the file. No file
// removes it. Start and End are instants.
type MaintenanceDoc struct {
	ID       ID     `json:"id"`
	Services []ID   `json:"services"`
	Start    Moment `json:"start"`
	End      Moment `json:"end"`
	Note     Name   `json:"note,omitzero"`
	By       ID     `json:"by,omitzero"`
	Made     Moment `json:"made"`
}
