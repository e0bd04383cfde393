// Package store is the contract between the hub's rules and its database: what
// can be read and written, in one transaction, and what a commit promises. It
// holds no SQL; package store/sqldb keeps it, and package store/storetest
// checks that it is kept.
//
// # The version rule
//
// An incident is saved only if its version in the database is the one that was
// loaded; otherwise Save answers ErrStale and the caller starts again from a
// fresh load. That, not a lock or a leader, is what makes several writers safe.
package store

import (
	"context"
	"errors"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/notice"
	"tocsin/hub/readiness"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// The errors that callers decide on.
var (
	// ErrNotFound: there is no such thing.
	ErrNotFound = errors.New("not found")
	// ErrStale: somebody saved the incident since it was loaded.
	ErrStale = errors.New("the incident was changed meanwhile")
	// ErrTaken: a code was used, a key exists.
	ErrTaken = errors.New("already taken")
)

// Store is a database. It is safe for concurrent use.
type Store interface {
	// Update runs fn in a transaction that writes. What fn wrote is on disk
	// when Update returns nil, and nothing of it is kept otherwise. Calls that
	// come together share one commit. fn may run more than once, so it must
	// not have effects beside the transaction.
	Update(ctx context.Context, fn func(Tx) error) error
	// View runs fn on a consistent picture of the database.
	View(ctx context.Context, fn func(Tx) error) error
	Close() error
}

// Tx is one transaction, valid only inside the function that got it, and only
// on its goroutine.
type Tx interface {
	Incidents
	Timelines
	Reports
	Rota
	People
	Secrets
	Answers
	Heartbeats
	Notices
	Readiness
	Clock
}

// Record is an incident as it is stored: everything of the State but its policy
// and what the world looks like.
type Record struct {
	Incident incident.Incident
	Course   escalation.Course
	Pages    []escalation.Page
	WakeAt   time.Time // zero: nothing is due
}

// Incidents keeps incidents with their alerts and pages.
type Incidents interface {
	// Load gives an incident with the pages that are open or belong to its
	// present pass. ErrNotFound.
	Load(incident.ID) (Record, error)
	// ByNumber gives the id of an incident by the number that people say.
	// ErrNotFound.
	ByNumber(uint64) (incident.ID, error)
	// ByAlert gives the newest incident with an alert of this integration and
	// key. ErrNotFound.
	ByAlert(incident.IntegrationID, string) (incident.Incident, error)
	// ByGroup gives the newest incident of a group, open or not; see
	// incident.GroupOf. ErrNotFound.
	ByGroup(string) (incident.Incident, error)
	// Kept gives the newest incident of a service that waits for the end of a
	// maintenance, or for support hours. ErrNotFound.
	Kept(incident.ServiceID) (incident.Incident, error)
	// NextTurn is the turn of the next incident of a policy; see
	// incident.Incident.
	NextTurn(policy string) (int, error)
	// Create stores a new incident with its first entries and gives it its
	// number and version 1, which it answers.
	Create(Record, []incident.Entry) (Record, error)
	// Save stores the difference between the record as loaded and as it is
	// now, and adds the entries to the timeline. ErrStale.
	Save(before, after Record, entries []incident.Entry) (Record, error)
	// Touch stores only the counts of an alert that repeats. ErrNotFound.
	Touch(incident.ID, incident.Alert) error
	// Due lists incidents whose time to wake has come, the longest due first.
	Due(now time.Time, limit int) ([]incident.ID, error)
	// NextWake gives the earliest time to wake of all incidents; zero if none.
	NextWake() (time.Time, error)
	// WakeOpen makes every incident that is not resolved due at a time.
	WakeOpen(at time.Time) error
	// OpenIDs lists the incidents that are not resolved, oldest first.
	OpenIDs() ([]incident.ID, error)
	// Covers lists the requests for cover that are open or were resolved at or
	// after a time, oldest first.
	Covers(since time.Time) ([]incident.ID, error)
	// PagedOpen lists the incidents in which a user has an open page.
	PagedOpen(responder.UserID) ([]incident.ID, error)
	// OpenPages gives a user's open pages, oldest first, each with its incident.
	// What a list does not show (uses, alerts, details) is left out.
	OpenPages(responder.UserID) ([]OpenPage, error)
	// CountOpenPages counts a user's open pages that were made at or after a time.
	CountOpenPages(u responder.UserID, since time.Time) (int, error)
	// Crowd counts a user's open pages of high urgency that were made at or after a
	// time, up to a limit, and says when the oldest of all that are open was made.
	Crowd(u responder.UserID, since time.Time, limit int) (open int, oldest time.Time, err error)
	// HeldBy lists the incidents that a user has acknowledged and that are not
	// resolved.
	HeldBy(responder.UserID) ([]incident.ID, error)
	// PagedSince lists the incidents in which a page of a user ended at or after
	// a time.
	PagedSince(responder.UserID, time.Time) ([]incident.ID, error)
	// AllPages gives every page that an incident ever had.
	AllPages(incident.ID) ([]escalation.Page, error)
	// List gives incidents, newest first.
	List(Filter) ([]Record, error)
	// Triggered gives the incidents that first triggered in [from, to), oldest
	// first, without their alerts.
	Triggered(from, to time.Time) ([]incident.Incident, error)
	// CountOpen counts the incidents that are not resolved.
	CountOpen() (int, error)
}

// OpenPage is an open page with its incident.
type OpenPage struct {
	escalation.Page
	Incident incident.Incident
}

// Filter chooses incidents for a list.
type Filter struct {
	Resolved bool   // resolved ones too
	Before   uint64 // with a number below this one only; 0: all
	Limit    int
}

// Timelines reads what was recorded; Create and Save write it. Entries are
// never changed.
type Timelines interface {
	// Timeline gives an incident's entries in the order they were made.
	Timeline(incident.ID) ([]incident.Entry, error)
	// Verify checks the keyed chain of every timeline.
	Verify() (Audit, error)
}

// Audit is what a check of the timelines found.
type Audit struct {
	Incidents int
	Entries   int
	Erased    int // entries without their content; their place in the chain holds
	Problems  []string
}

// Reports remembers what came of each report of a device, so that one that is
// sent twice is counted once.
type Reports interface {
	// Outcome finds what came of a report. ErrNotFound.
	Outcome(responder.DeviceID, string) (Outcome, error)
	SaveOutcome(responder.DeviceID, string, Outcome, time.Time) error
	// ForgetOutcomes drops those saved before a time.
	ForgetOutcomes(before time.Time) error
}

// Outcome is the answer to a report.
type Outcome struct {
	Answer  incident.Answer
	Message string
}

// Object is one configured thing at one revision. Body is its JSON document,
// empty when it was removed.
type Object struct {
	Kind string // organisation, user, team, schedule, escalation_policy, service, integration, …
	ID   string
	Body []byte
}

// Revision is one change of the configuration.
type Revision struct {
	Number uint64
	At     time.Time // from when it holds
	By     string    // who made it
	Note   string
}

// Rota keeps the configuration in revisions. Nothing is ever overwritten, so
// the past can be asked.
type Rota interface {
	// LatestRevision gives the newest one; the zero Revision when there is none.
	LatestRevision() (Revision, error)
	// RevisionAt gives the one that held at an instant.
	RevisionAt(time.Time) (Revision, error)
	// Objects gives the configuration as it stood at a revision, each object in
	// the order in which it was first added.
	Objects(revision uint64) ([]Object, error)
	// AddRevision stores changed objects as the next revision.
	AddRevision(Revision, []Object) (Revision, error)
	// Told gives what people were last told of; the zero Told if nobody ever was.
	Told() (Told, error)
	SetTold(Told) error
}

// Told is the configuration by which people know their shifts: a revision, with
// the absences that were entered by a time.
type Told struct {
	Revision uint64
	At       time.Time
}

// People keeps what people make beside the configuration.
type People interface {
	Absences(since time.Time) ([]responder.Absence, error)
	AddAbsence(responder.Absence) error
	// EndAbsences ends all absences of a user that hold at a time, then.
	EndAbsences(responder.UserID, time.Time) error
	// EndAbsence ends one absence at a time; one that has not begun by then never
	// will. ErrNotFound if there is none that would go on.
	EndAbsence(id string, at time.Time) error
	Devices() ([]responder.Device, error)
	RevokeDevice(responder.DeviceID, time.Time) error
}

// Secrets keeps hashes of what others prove themselves by.
type Secrets interface {
	// AddRoutingKey stores the hash of an integration's key. Older keys of it
	// stop to count at oldUntil. Adding the present key again changes nothing;
	// ErrTaken for one that is or was another's, or was replaced.
	AddRoutingKey(hash string, i incident.IntegrationID, made, oldUntil time.Time) error
	// RoutingKeys lists the keys that count at a time.
	RoutingKeys(now time.Time) ([]RoutingKey, error)
	// HasRoutingKey reports whether an integration has a key that counts.
	HasRoutingKey(i incident.IntegrationID, now time.Time) (bool, error)
	AddCode(hash string, u responder.UserID, expires time.Time) error
	// Enrol makes the device of a code. ErrNotFound for a code that is unknown
	// or out of time; ErrTaken for one that made a device with another
	// credential, or a credential that another code's device has. The same code
	// and credential again answer the same device.
	Enrol(codeHash, credentialHash string, d responder.Device, now time.Time) (responder.Device, error)
	// DeviceByCredential finds a device, revoked or not. ErrNotFound.
	DeviceByCredential(hash string) (responder.Device, error)
	// SetCalendarLink stores the hash of the secret by which a calendar is read.
	// The older one of the same calendar stops to count.
	SetCalendarLink(hash string, c Calendar, made time.Time) error
	// EndCalendarLink takes a calendar's secret away, if it has one.
	EndCalendarLink(c Calendar) error
	// EndCodes takes a user's enrolment codes away that were not used.
	EndCodes(u responder.UserID, at time.Time) error
	// CalendarByLink finds the calendar of a secret. ErrNotFound.
	CalendarByLink(hash string) (Calendar, error)
}

// Calendar is the shifts of a schedule, or those of a user.
type Calendar struct {
	Schedule schedule.ID
	User     responder.UserID
}

// RoutingKey is what is kept of a key.
type RoutingKey struct {
	Hash        string
	Integration incident.IntegrationID
	Until       time.Time // zero: no end
}

// Answers keeps the tokens by which a page is answered without a device, what
// came in by them, and how calls went.
type Answers interface {
	AddToken(Token) error
	// Token finds one by its hash, used or not. ErrNotFound.
	Token(hash string) (Token, error)
	// UseToken notes what was answered for one of a token's incidents. ErrNotFound
	// if it is not about that one.
	UseToken(hash string, id incident.ID, what string, at time.Time) error
	// TokensOf gives a user's tokens made since a time, newest first, so many at
	// most.
	TokensOf(u responder.UserID, since time.Time, limit int) ([]Token, error)
	// LastCode is the code of the newest token of a user since a time that has
	// one; 0 if none does.
	LastCode(u responder.UserID, since time.Time) (int, error)
	// ForgetTokens drops those made before a time, with their calls, and the
	// replies of then.
	ForgetTokens(before time.Time) error
	// Reply gives what was understood of a message that came in. ErrNotFound.
	Reply(id string) (Reply, error)
	AddReply(Reply, time.Time) error
	// Call tells how the call of a token went. ErrNotFound if nothing is known.
	Call(hash string) (Call, error)
	PutCall(Call) error
	// CallsAgain lists the calls after which another one is due, the earliest
	// first.
	CallsAgain() ([]Call, error)
}

// Token is what is kept of the secret of a message: whose answer it is, and to
// what.
type Token struct {
	Hash   string
	User   responder.UserID
	Method responder.MethodID
	Code   int // by which a text message is answered; 0: none
	Made   time.Time
	About  []About // in the message's order; never empty
}

// About is one incident that a message told of.
type About struct {
	Incident incident.ID
	Wave     int
	Opening  int
	Used     time.Time // zero: not yet answered
	For      string    // what was answered
}

// Reply is what was understood of a message that came in: which token it
// answers, and what.
type Reply struct {
	ID, Hash, Verb string
}

// Call is how the call of a token went.
type Call struct {
	Hash     string
	Tries    int    // how many calls of the same use came before
	Status   string // the gateway's last word
	Answered time.Time
	Again    time.Time // when the next call is due; zero: none is
}

// Notices keeps what people are told beside pages.
type Notices interface {
	// AddNotice stores a notice and the contact methods that it goes by; false,
	// and nothing is changed, if the user has one of this ID.
	AddNotice(notice.Notice, []responder.MethodID) (bool, error)
	// Notices lists a user's, newest first.
	Notices(u responder.UserID, limit int) ([]notice.Told, error)
	// Unseen lists those that no device has shown and that are still of use, oldest
	// first; of all users for "".
	Unseen(u responder.UserID, now time.Time) ([]notice.Notice, error)
	// Unsent lists those with a contact method that has not answered, oldest first.
	Unsent() ([]notice.Told, error)
	// SeeNotice notes that a device showed it; the first time counts. ErrNotFound.
	SeeNotice(u responder.UserID, id string, at time.Time) error
	// NoteSend keeps what a gateway said that will be tried again.
	NoteSend(u responder.UserID, id string, m responder.MethodID, said string) error
	// AnswerSend ends the way by one method; the first answer stays.
	AnswerSend(u responder.UserID, id string, s notice.Send) error
	// ForgetNotices drops those made before a time.
	ForgetNotices(before time.Time) error
}

// Readiness keeps what was found of whether people can be reached.
type Readiness interface {
	// AddCheck notes a look at a shift; false if it was noted before.
	AddCheck(k readiness.Key, reach readiness.Reach, at time.Time) (bool, error)
	// Checks gives the looks at shifts that began or begin from a time on.
	Checks(since time.Time) (map[readiness.Key]bool, error)
	// ForgetChecks drops those of shifts that began before a time.
	ForgetChecks(before time.Time) error
	// NoteMethodTest keeps what came of the last test of a contact method by hand.
	NoteMethodTest(u responder.UserID, m responder.MethodID, accepted bool, at time.Time) error
	// MethodWorked says whether a gateway accepted the last message by a method: a
	// page, a notice or a test; used is false if there was none.
	MethodWorked(u responder.UserID, m responder.MethodID) (worked, used bool, err error)
}

// Clock remembers when the hub was last seen to run.
type Clock interface {
	LastAlive() (time.Time, error)
	SetAlive(time.Time) error
	// LastGrace is when the hub last began its quiet after a start.
	LastGrace() (time.Time, error)
	SetGrace(time.Time) error
}
