package rota

import (
	"bytes"
	"strings"
	"testing"

	"tocsin/hub/fault"
)

// badFile is testdata/small.yaml with one thing replaced, and what is said of it.
type badFile struct {
	name       string
	from, to   string
	want       string // without "tocsin.yaml:"
	structural bool   // a JSON Schema can tell, too
}

func (c badFile) file(t testing.TB) []byte {
	t.Helper()
	small := readFile(t, "testdata/small.yaml")
	if !bytes.Contains(small, []byte(c.from)) {
		t.Fatalf("small.yaml has no %q", c.from)
	}
	return bytes.Replace(small, []byte(c.from), []byte(c.to), 1)
}

var badFiles = []badFile{
	{name: "unknown field at the top", from: `catch_all:`, to: `catchall:`, structural: true,
		want: `1:1: catch_all: names nobody; the service "shop" can be of high urgency, so somebody must be paged when its policy finds nobody
2:1: unknown field "catchall"; did you mean "catch_all"?`},
	{name: "unknown field", from: `name: Ada Adams`, to: `nmae: Ada Adams`, structural: true,
		want: `5:5: users[0]: unknown field "nmae"; did you mean "name"?`},
	{name: "unknown field with nothing near", from: `name: Ada Adams`, to: `shoe_size: 4`, structural: true,
		want: `5:5: users[0]: unknown field "shoe_size"; known here: id, name, email, time_zone, locale, role, contact_methods, notification_rules, absences`},
	{name: "field twice", from: `name: Ada Adams`, to: `role: admin`,
		want: `6:5: users[0].role: stands here a second time, first in line 5`},
	{name: "field missing", from: `- {id: bob, time_zone`, to: `- {time_zone`, structural: true,
		want: `11:5: users[1].id: is missing; expected an id: lower-case letters, digits and dashes, beginning with a letter, at most 63
13:30: teams[0].members[1]: there is no user "bob"
20:29: schedules[0].layers[0].participants[1]: there is no user "bob"
23:78: schedules[0].overrides[0].user: there is no user "bob"`},
	{name: "id of the wrong form", from: `id: web-primary`, to: `id: Web_Primary`, structural: true,
		want: `15:9: schedules[0].id: "Web_Primary" is not valid; expected an id: lower-case letters, digits and dashes, beginning with a letter, at most 63
27:44: escalation_policies[0].levels[0].targets[0].schedule: there is no schedule "web-primary"; did you mean "Web_Primary"?`},
	{name: "id that is too long", from: `id: web-primary`, to: `id: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg`, structural: true,
		want: `15:9: schedules[0].id: "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg" is not valid; expected an id: lower-case letters, digits and dashes, beginning with a letter, at most 63
27:44: escalation_policies[0].levels[0].targets[0].schedule: there is no schedule "web-primary"`},
	{name: "id taken", from: `- {id: bob, time_zone`, to: `- {id: ada, time_zone`,
		want: `11:10: users[1].id: the id "ada" is taken by the user in line 4
13:30: teams[0].members[1]: there is no user "bob"
20:29: schedules[0].layers[0].participants[1]: there is no user "bob"
23:78: schedules[0].overrides[0].user: there is no user "bob"`},
	{name: "unknown role", from: `role: admin`, to: `role: admn`, structural: true,
		want: `6:11: users[0].role: "admn" is not valid; expected one of admin, manager, responder, observer; did you mean "admin"?`},
	{name: "unknown time zone", from: `Europe/Berlin`, to: `Europe/Berlim`,
		want: `11:26: users[1].time_zone: "Europe/Berlim" is not valid; expected an IANA time zone such as Europe/London`},
	{name: "zone of the machine", from: `Europe/Berlin`, to: `Local`,
		want: `11:26: users[1].time_zone: "Local" is not valid; expected an IANA time zone such as Europe/London`},
	{name: "number where a text belongs", from: `Ada Adams`, to: `12`, structural: true,
		want: `5:11: users[0].name: "12" is not valid; expected a line of text, at most 200 characters; as a text it needs quotes`},
	{name: "word where a text belongs", from: `Ada Adams`, to: `true`, structural: true,
		want: `5:11: users[0].name: "true" is not valid; expected a line of text, at most 200 characters; as a text it needs quotes`},
	{name: "list where a text belongs", from: `Ada Adams`, to: `[Ada]`, structural: true,
		want: `5:11: users[0].name: there is a list here; expected a line of text, at most 200 characters; as a text it needs quotes`},
	{name: "text where a list belongs", from: `catch_all: [ada]`, to: `catch_all: ada`, structural: true,
		want: `2:12: catch_all: "ada" is not valid; expected a list`},
	{name: "text where fields belong", from: `{id: bob, time_zone: Europe/Berlin}`, to: `bob`, structural: true,
		want: `11:5: users[1]: "bob" is not valid; expected fields such as id, name, email
13:30: teams[0].members[1]: there is no user "bob"
20:29: schedules[0].layers[0].participants[1]: there is no user "bob"
23:78: schedules[0].overrides[0].user: there is no user "bob"`},
	{name: "nothing where a text belongs", from: `name: Ada Adams`, to: `name:`, structural: true,
		want: `5:10: users[0].name: nothing stands here; expected a line of text, at most 200 characters; as a text it needs quotes`},
	{name: "text where a number belongs", from: `length: 1`, to: `length: one`, structural: true,
		want: `19:42: schedules[0].layers[0].rotation.length: "one" is not valid; expected a whole number`},
	{name: "turn of no length", from: `length: 1`, to: `length: 0`,
		want: `19:42: schedules[0].layers[0].rotation.length: a turn's length is from 1 to 100000, not 0`},
	{name: "text where true or false belongs", from: `wakes: true`, to: `wakes: "yes"`, structural: true,
		want: `8:66: users[0].contact_methods[0].wakes: "yes" is not valid; expected true or false`},
	{name: "length of time without a unit", from: `timeout: 5m`, to: `timeout: 5`, structural: true,
		want: `27:19: escalation_policies[0].levels[0].timeout: "5" is not valid; expected a length of time such as 30s, 5m, 12h or 7d`},
	{name: "length of time in months", from: `timeout: 5m`, to: `timeout: 5mo`, structural: true,
		want: `27:19: escalation_policies[0].levels[0].timeout: "5mo" is not valid; expected a length of time such as 30s, 5m, 12h or 7d`},
	{name: "length of time that is too long", from: `timeout: 5m`, to: `timeout: 400d`,
		want: `27:19: escalation_policies[0].levels[0].timeout: "400d" is not valid; expected a length of time such as 30s, 5m, 12h or 7d`},
	{name: "timeout too short", from: `timeout: 5m`, to: `timeout: 29s`,
		want: `27:19: escalation_policies[0].levels[0].timeout: 29s is too short; expected at least 30s`},
	{name: "contact method called devices", from: `{id: phone, kind`, to: `{id: devices, kind`,
		want: `8:14: users[0].contact_methods[0].id: "devices" stands for the enrolled devices, which need no entry; choose another id`},
	{name: "two contact methods to one number", from: `      - {id: phone, kind`, to: `      - {id: mobile, kind: phone, number: "+441632960000"}` + "\n" + `      - {id: phone, kind`,
		want: `9:42: users[0].contact_methods[1].number: is that of the contact method "mobile" too; each message would come twice`},
	{name: "contact method without its number", from: `number: "+441632960000", `, to: ``,
		want: `8:9: users[0].contact_methods[0].number: is missing; a contact method of the kind phone needs it`},
	{name: "contact method with another's field", from: `number: "+441632960000"`, to: `number: "+441632960000", address: a@example.org`,
		want: `8:68: users[0].contact_methods[0].address: does not belong to a contact method of the kind phone, which has number`},
	{name: "telephone number of the wrong form", from: `"+441632960000"`, to: `"0163 2960000"`, structural: true,
		want: `8:42: users[0].contact_methods[0].number: "0163 2960000" is not valid; expected a telephone number such as "+441632960000"`},
	{name: "address of a contact method with another's scheme", from: `kind: phone, number: "+441632960000"`, to: `kind: ntfy, url: "telegram://x@y"`,
		want: `8:38: users[0].contact_methods[0].url: "telegram://x@y" is not valid; expected an address such as https://example.org/page`},
	{name: "rule by an unknown method", from: `via: devices`, to: `via: fone`,
		want: `10:31: users[0].notification_rules.high[0].via: the user has no contact method "fone"`},
	{name: "absence in the whole week", from: `  - {id: bob, `, to: `  - {id: bob, absences: [{}], `,
		want: `11:26: users[1].absences[0].days: the whole week is named: the user would never be paged; name the days of the absence`},
	{name: "absence with edges that do not go together", from: `  - {id: bob, `, to: `  - {id: bob, absences: [{from: "fri 18:00"}], `,
		want: `11:26: users[1].absences[0].to: "24:00" does not go with from: "fri 18:00"; both are times of the day, or both of the week`},
	{name: "absence from the end of the day", from: `  - {id: bob, `, to: `  - {id: bob, absences: [{days: [fri], from: "24:00"}], `,
		want: `11:46: users[1].absences[0].from: "24:00" is not valid; expected a time of the day such as "09:00", or of the week such as "fri 18:00"`},
	{name: "absence on no day", from: `  - {id: bob, `, to: `  - {id: bob, absences: [{days: [friday]}], `, structural: true,
		want: `11:34: users[1].absences[0].days[0]: "friday" is not valid; expected one of mon, tue, wed, thu, fri, sat, sun`},
	{name: "absence that ends before it starts", from: `  - {id: bob, `, to: `  - {id: bob, absences: [{days: [fri], start: "2026-12-01T00:00", until: "2026-11-01T00:00"}], `,
		want: `11:74: users[1].absences[0].until: 2026-11-01T00:00 is not after start: 2026-12-01T00:00`},
	{name: "member who does not exist", from: `members: [ada, bob]`, to: `members: [ada, bop]`,
		want: `13:30: teams[0].members[1]: there is no user "bop"; did you mean "bob"?`},
	{name: "catch-all who does not exist", from: `catch_all: [ada]`, to: `catch_all: [adda]`,
		want: `2:13: catch_all[0]: there is no user "adda"; did you mean "ada"?`},
	{name: "nobody to catch all", from: `catch_all: [ada]`, to: `catch_all: []`,
		want: `2:12: catch_all: names nobody; the service "shop" can be of high urgency, so somebody must be paged when its policy finds nobody`},
	{name: "rotation of an unknown kind", from: `kind: weekly, length`, to: `kind: fortnightly, length`, structural: true,
		want: `19:26: schedules[0].layers[0].rotation.kind: "fortnightly" is not valid; expected one of hourly, daily, weekly, monthly`},
	{name: "start without a time", from: `start: "2026-01-05T09:00"`, to: `start: "2026-01-05"`, structural: true,
		want: `19:52: schedules[0].layers[0].rotation.start: "2026-01-05" is not valid; expected a date and time such as "2026-11-02T09:00", or with an offset "2026-11-02T09:00:00Z"`},
	{name: "start on a day that is not", from: `start: "2026-01-05T09:00"`, to: `start: "2026-02-30T09:00"`,
		want: `19:52: schedules[0].layers[0].rotation.start: "2026-02-30T09:00" is not valid; expected a date and time such as "2026-11-02T09:00", or with an offset "2026-11-02T09:00:00Z"`},
	{name: "layer without participants", from: `participants: [ada, bob, null]`, to: `participants: []`, structural: true,
		want: `20:23: schedules[0].layers[0].participants: is empty; expected at least one entry`},
	{name: "participant who does not exist", from: `participants: [ada, bob, null]`, to: `participants: [ada, rob, null]`,
		want: `20:29: schedules[0].layers[0].participants[1]: there is no user "rob"; did you mean "bob"?`},
	{name: "restriction of day and week", from: `to: "17:00"`, to: `to: "fri 17:00"`,
		want: `21:57: schedules[0].layers[0].restrictions[0].to: "fri 17:00" does not go with from: "09:00"; both are times of the day, or both of the week`},
	{name: "restriction of the week with days", from: `from: "09:00", to: "17:00"`, to: `from: "mon 09:00", to: "fri 17:00"`,
		want: `21:31: schedules[0].layers[0].restrictions[0].days: a window of the week has no days`},
	{name: "restriction with an hour that is not", from: `from: "09:00"`, to: `from: "25:00"`,
		want: `21:44: schedules[0].layers[0].restrictions[0].from: "25:00" is not valid; expected a time of the day such as "09:00", or of the week such as "fri 18:00"`},
	{name: "restriction on a day that is not", from: `days: [mon]`, to: `days: [monday]`, structural: true,
		want: `21:32: schedules[0].layers[0].restrictions[0].days[0]: "monday" is not valid; expected one of mon, tue, wed, thu, fri, sat, sun`},
	{name: "day named twice", from: `days: [mon]`, to: `days: [mon, mon]`,
		want: `21:37: schedules[0].layers[0].restrictions[0].days[1]: the day is named twice`},
	{name: "override that ends before it starts", from: `end: "2026-12-26T09:00"`, to: `end: "2026-12-23T09:00"`,
		want: `23:52: schedules[0].overrides[0].end: an override must end after it starts`},
	{name: "override of nobody known", from: `end: "2026-12-26T09:00", user: bob`, to: `end: "2026-12-26T09:00", user: bobb`,
		want: `23:78: schedules[0].overrides[0].user: there is no user "bobb"; did you mean "bob"?`},
	{name: "two layers of a name", from: `        restrictions:`, to: "      - {name: weekly, rotation: {kind: daily, start: \"2026-01-05T09:00\"}, participants: [bob]}\n      - name: other\n        rotation: {kind: daily, start: \"2026-01-05T09:00\"}\n        participants: [bob]\n        restrictions:",
		want: `21:16: schedules[0].layers[1].name: another layer is called "weekly"`},
	{name: "layer that ends before it starts", from: `        restrictions:`, to: "        until: \"2025-01-01T00:00\"\n        restrictions:",
		want: `21:16: schedules[0].layers[0].until: the layer ends before it starts`},
	{name: "policy without levels", from: `      - {timeout: 5m, targets: [{schedule: web-primary}]}`, to: ``,
		want: `26:12: escalation_policies[0].levels: nothing stands here; expected a list`},
	{name: "target that is nothing", from: `[{schedule: web-primary}]`, to: `[{}]`,
		want: `27:33: escalation_policies[0].levels[0].targets[0]: names 0 of user, schedule, team; expected exactly one of them`},
	{name: "target that is two things", from: `{schedule: web-primary}`, to: `{schedule: web-primary, user: ada}`,
		want: `27:33: escalation_policies[0].levels[0].targets[0]: names 2 of user, schedule, team; expected exactly one of them`},
	{name: "target that does not exist", from: `{schedule: web-primary}`, to: `{schedule: web-primry}`,
		want: `27:44: escalation_policies[0].levels[0].targets[0].schedule: there is no schedule "web-primry"; did you mean "web-primary"?`},
	{name: "policy that does not exist", from: `escalation_policy: web`, to: `escalation_policy: wib`,
		want: `30:24: services[0].escalation_policy: there is no escalation policy "wib"; did you mean "web"?`},
	{name: "unknown urgency", from: `    escalation_policy: web`, to: "    escalation_policy: web\n    urgency: medium", structural: true,
		want: `31:14: services[0].urgency: "medium" is not valid; expected one of high, low, by_severity, support_hours`},
	{name: "support hours wanted", from: `    escalation_policy: web`, to: "    escalation_policy: web\n    urgency: support_hours",
		want: `29:5: services[0].support_hours: is missing; the urgency support_hours needs it`},
	{name: "grouping by fields for ever", from: `    escalation_policy: web`, to: "    escalation_policy: web\n    grouping: {fields: [class]}",
		want: `31:15: services[0].grouping.within: is missing; grouping by fields needs a length of time such as 10m`},
	{name: "a rule that suppresses by nothing", from: `    escalation_policy: web`, to: "    escalation_policy: web\n    suppress: [{when: []}]",
		want: `31:23: services[0].suppress[0].when: is empty; expected at least one entry`},
	{name: "a rule that suppresses everything", from: `    escalation_policy: web`, to: "    escalation_policy: web\n    suppress: [{note: all, when: [{field: source, is: '*'}]}]",
		want: `31:34: services[0].suppress[0].when: holds for every trigger, so that nobody would ever be paged`},
	{name: "a rule with a pattern that is missing", from: `    escalation_policy: web`, to: "    escalation_policy: web\n    suppress: [{when: [{field: source}]}]",
		want: `31:24: services[0].suppress[0].when[0].is: is missing; expected a text, at most 4000 characters`},
	{name: "grouping that says nothing", from: `    escalation_policy: web`, to: "    escalation_policy: web\n    grouping: {}",
		want: `31:15: services[0].grouping: says nothing; expected by: none, by: open_incident, or fields with within`},
	{name: "unknown kind of integration", from: `kind: events_v2`, to: `kind: event_v2`, structural: true,
		want: `32:33: services[0].integrations[0].kind: "event_v2" is not valid; expected one of events_v2, alertmanager, grafana, cloudwatch, sumologic, datadog, sentry, uptimekuma, slack, webhook, heartbeat; did you mean "events_v2"?`},
	{name: "key from two places", from: `kind: events_v2`, to: `kind: events_v2, key_from: {file: /k, env: K}`,
		want: `32:54: services[0].integrations[0].key_from: expected exactly one of file and env`},
	{name: "key from nowhere", from: `kind: events_v2`, to: `kind: events_v2, key_from: {}`,
		want: `32:54: services[0].integrations[0].key_from: expected exactly one of file and env`},
	{name: "heartbeat without interval", from: `, interval: 5m`, to: ``,
		want: `33:9: services[0].integrations[1].interval: is missing; a heartbeat needs a length of time such as 5m`},
	{name: "interval of something else", from: `kind: events_v2`, to: `kind: events_v2, interval: 5m`,
		want: `32:54: services[0].integrations[0].interval: belongs to integrations of the kind heartbeat only`},
	{name: "webhook without a map", from: `kind: events_v2`, to: `kind: webhook`,
		want: `32:9: services[0].integrations[0].map.summary: is missing; a webhook needs an expression for the summary`},
	{name: "alive by something else", from: `alive_by: shop-alive`, to: `alive_by: shop-events`,
		want: `34:78: services[0].integrations[2].alive_by: the integration "shop-events" is of the kind events_v2; expected a heartbeat`},
	{name: "alive by itself", from: `alive_by: shop-alive`, to: `alive_by: shop-logs`,
		want: `34:78: services[0].integrations[2].alive_by: names the integration itself; expected a heartbeat integration`},
	{name: "resolve by quiet with nothing that shows the source alive", from: `, alive_by: shop-alive`, to: ``,
		want: `34:9: services[0].integrations[2].alive_by: is missing; resolve_after_quiet needs the heartbeat integration that shows whether the source is alive`},
	{name: "resolve by quiet sooner than a dead source is noticed", from: `resolve_after_quiet: 15m`, to: `resolve_after_quiet: 5m`,
		want: `34:63: services[0].integrations[2].resolve_after_quiet: 5m is not longer than interval plus grace of shop-alive (5m), so an alert could resolve because its source died; expected more`},
	{name: "window that ends before it starts", from: `end: "2026-12-01T23:00"`, to: `end: "2026-12-01T21:00"`,
		want: `36:56: maintenance_windows[0].end: a maintenance window must end after it starts`},
	{name: "window of an unknown service", from: `services: [shop], start`, to: `services: [shob], start`,
		want: `36:17: maintenance_windows[0].services[0]: there is no service "shob"; did you mean "shop"?`},
	{name: "anchor", from: `catch_all: [ada]`, to: `catch_all: &a [ada]`,
		want: `2:12: anchors, aliases and merged fields (&, *, <<) are not part of the format; write the value out`},
	{name: "alias", from: `catch_all: [ada]`, to: `catch_all: *a`,
		want: `2:12: anchors, aliases and merged fields (&, *, <<) are not part of the format; write the value out`},
	{name: "merge", from: `  - {id: bob, `, to: `  - {<<: {id: x}, id: bob, `,
		want: `11:6: anchors, aliases and merged fields (&, *, <<) are not part of the format; write the value out`},
	{name: "tag", from: `Ada Adams`, to: `!!str Ada`,
		want: `5:11: tags, directives and complex keys (!, %, ?) are not part of the format`},
	{name: "tabs", from: `    name: Ada Adams`, to: "\tname: Ada Adams",
		want: `5:1: this cannot be read as YAML: found character '	' that cannot start any token`},
	{name: "bracket left open", from: `[ada, bob, null]`, to: `[ada, bob, null`,
		want: `21:9: ',' or ']' must be specified`},
	{name: "quote left open", from: `"+441632960000"`, to: `"+441632960000`,
		want: `19:53: ',' or '}' must be specified`},
	{name: "second document", from: `escalation_policies:`, to: "---\nescalation_policies:",
		want: `25:1: a second document begins here; the file is one document`},
	{name: "indentation that does not fit", from: `    name: Ada Adams`, to: `   name: Ada Adams`,
		want: `5:4: value is not allowed in this context`},
}

func TestBadFiles(t *testing.T) {
	for _, c := range badFiles {
		t.Run(c.name, func(t *testing.T) {
			got := problemsOf(c.file(t))
			if want := "tocsin.yaml:" + strings.ReplaceAll(c.want, "\n", "\ntocsin.yaml:"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestTheSmallFileIsGood(t *testing.T) {
	if got := problemsOf(readFile(t, "testdata/small.yaml")); got != "" {
		t.Error(got)
	}
}

// problemsOf gives everything that is wrong with a file on a fresh hub.
func problemsOf(file []byte) string {
	f, problems := Parse("", file)
	_, more := f.Plan(Documents{})
	problems.List = append(problems.List, more.List...)
	return problems.String()
}

func TestAllProblemsAreToldInOrderUpToTwenty(t *testing.T) {
	file := "users:\n" + strings.Repeat("  - {id: 7, nam: x}\n", 15)
	_, problems := Parse("many.yaml", []byte(file))
	err := problems.Err()
	if fault.KindOf(err) != fault.Invalid {
		t.Fatalf("got %v, want an invalid one", err)
	}
	lines := strings.Split(fault.Sentence(err), "\n")
	if len(lines) != 21 || lines[20] != "many.yaml: and 10 more problems" {
		t.Errorf("got %d lines, the last %q", len(lines), lines[len(lines)-1])
	}
	if want := `many.yaml:2:10: users[0].id: "7" is not valid; expected an id`; !strings.HasPrefix(lines[0], want) {
		t.Errorf("got %q, want %q first", lines[0], want)
	}
}
