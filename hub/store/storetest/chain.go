package storetest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/store"
)

func timeline(id incident.ID) func(store.Tx) ([]incident.Entry, error) {
	return func(tx store.Tx) ([]incident.Entry, error) { return tx.Timeline(id) }
}

func timelines(_ *testing.T, f *fixture) {
	full := incident.Entry{
		At: noon, Kind: incident.KindPaged, Reason: incident.ReasonEvent, User: "ada", Device: "laptop", Method: "devices",
		Level: 1, Round: 2, Wave: 3, Text: "naïve \x00 '☂'",
	}
	want := []incident.Entry{full}
	r := f.create(plain(1), full)
	for n := range 200 { // more than one statement takes
		want = append(want, entry(noon.Add(time.Duration(n)*time.Second), fmt.Sprint(n)))
	}
	f.save(r, r, want[1:]...)
	if got := read(f, timeline(r.Incident.ID)); !reflect.DeepEqual(got, want) {
		f.Errorf("got %+v\nwant %+v", got, want)
	}
	audit := f.audit()
	is(f, fmt.Sprint(audit.Problems), len(audit.Problems), 0)
	is(f, "entries", audit.Entries, 201)
}

func stampsNeverGoBack(_ *testing.T, f *fixture) {
	r := f.create(plain(1), entry(noon, "first"))
	r = f.save(r, r, entry(noon.Add(-time.Hour), "the clock was set back"), entry(noon.Add(time.Second), "on"))
	f.save(r, r, entry(noon, "and back again"))
	var got []time.Duration
	for _, e := range read(f, timeline(r.Incident.ID)) {
		got = append(got, e.At.Sub(noon))
	}
	if want := []time.Duration{0, 0, time.Second, time.Second}; !reflect.DeepEqual(got, want) {
		f.Errorf("got %v, want %v", got, want)
	}
}

// history makes three incidents of four entries each.
func history(f *fixture) {
	for n := 1; n <= 3; n++ {
		r := f.create(plain(n), entry(noon, "one"), entry(noon, "two"))
		f.save(r, r, entry(noon, "three"), entry(noon, "four"))
	}
}

const second = " WHERE incident_id = 'incident-0002' "

// crimes are what somebody can do to the database without the key.
var crimes = map[string][]string{
	"a changed payload": {"UPDATE timeline SET payload = REPLACE(payload, 'two', 'too')" + second},
	"a payload changed together with its hash": {
		"UPDATE timeline SET payload = '{}', salt = '', payload_hash = 'a97c91c23baf4e04ef640c2a413b4c828102931a62948feb86ab31b4ab6bbab6'" + second + "AND seq = 2"},
	"bytes moved from the payload to the salt": {
		"UPDATE timeline SET salt = salt || SUBSTR(payload, 1, 1), payload = SUBSTR(payload, 2)" + second + "AND seq = 2"},
	"a changed time":             {"UPDATE timeline SET at = at + 1" + second + "AND seq = 3"},
	"a changed kind":             {"UPDATE timeline SET kind = 'acknowledged'" + second + "AND seq = 3"},
	"a deleted entry":            {"DELETE FROM timeline" + second + "AND seq = 2"},
	"a deleted entry, closed up": {"DELETE FROM timeline" + second + "AND seq = 2", "UPDATE timeline SET seq = seq - 1" + second + "AND seq > 2", "UPDATE incidents SET entries = 3 WHERE id = 'incident-0002'"},
	"a deleted first entry":      {"DELETE FROM timeline" + second + "AND seq = 1"},
	"deleted last entries":       {"DELETE FROM timeline" + second + "AND seq > 2"},
	"deleted last entries, with the incident adjusted": {
		"UPDATE incidents SET entries = 2, head = (SELECT hash FROM timeline" + second + "AND seq = 2) WHERE id = 'incident-0002'",
		"DELETE FROM timeline" + second + "AND seq > 2"},
	"a whole timeline deleted":        {"DELETE FROM timeline" + second},
	"a deleted incident":              {"DELETE FROM timeline" + second, dropIncident("incident-0002")},
	"a deleted last incident":         {"DELETE FROM timeline WHERE incident_id = 'incident-0003'", dropIncident("incident-0003")},
	"a last incident, and the ledger": {"DELETE FROM timeline WHERE incident_id = 'incident-0003'", dropIncident("incident-0003"), "UPDATE ledger SET incidents = 2, entries = 8"},
	"every incident, and the ledger":  {"DELETE FROM timeline", dropIncident("incident-0001"), dropIncident("incident-0002"), dropIncident("incident-0003"), "DELETE FROM ledger", "INSERT INTO clock (name, at) VALUES ('alive', 1)"},
	"an incident without a timeline":  {dropIncident("incident-0002")},
	"two entries swapped":             {"UPDATE timeline SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 END" + second + "AND seq IN (2, 3)", "UPDATE timeline SET seq = -seq" + second + "AND seq < 0"},
	"two payloads swapped": {
		"UPDATE timeline SET payload = (SELECT payload FROM timeline o WHERE o.incident_id = timeline.incident_id AND o.seq = 5 - timeline.seq)" + second + "AND seq IN (2, 3)"},
	"two timelines swapped": {
		"UPDATE timeline SET incident_id = 'x'" + second,
		"UPDATE timeline SET incident_id = 'incident-0002' WHERE incident_id = 'incident-0003'",
		"UPDATE timeline SET incident_id = 'incident-0003' WHERE incident_id = 'x'"},
	"an added entry": {"INSERT INTO timeline SELECT incident_id, 5, at, kind, payload, salt, payload_hash, hash FROM timeline" + second + "AND seq = 4"},
	"an added entry, counted": {"INSERT INTO timeline SELECT incident_id, 5, at, kind, payload, salt, payload_hash, hash FROM timeline" + second + "AND seq = 4",
		"UPDATE incidents SET entries = 5 WHERE id = 'incident-0002'"},
	"a number far off":  {"UPDATE incidents SET number = 1000000000000 WHERE id = 'incident-0003'"},
	"a changed number":  {"UPDATE incidents SET number = 7 WHERE id = 'incident-0003'"},
	"a changed ledger":  {"UPDATE ledger SET incidents = 4"},
	"a deleted ledger":  {"DELETE FROM ledger"},
	"a ledger unsealed": {"UPDATE ledger SET mac = ''"},
}

// dropIncident deletes an incident with everything that belongs to it.
func dropIncident(id string) string {
	out := ""
	for _, table := range []string{"deliveries", "pages", "alerts"} {
		out += "DELETE FROM " + table + " WHERE incident_id = '" + id + "';"
	}
	return out + "DELETE FROM incidents WHERE id = '" + id + "'"
}

func tampering(t *testing.T, f *fixture) {
	home := f.home
	for name, crime := range crimes {
		t.Run(name, func(t *testing.T) {
			f := &fixture{T: t, home: home.Fresh(t)}
			f.open()
			history(f)
			f.tamper(strings.Join(crime, ";"))
			audit := f.audit()
			if n := len(audit.Problems); n == 0 || n > 5 {
				t.Errorf("found %v", audit.Problems)
			}
		})
	}
	t.Run("a timeline put back to what it was before", func(t *testing.T) {
		f := &fixture{T: t, home: home.Fresh(t)}
		f.open()
		r := f.create(plain(1), entry(noon, "one"))
		f.create(plain(2), entry(noon, "one"))
		f.tamper("CREATE TABLE earlier AS SELECT * FROM incidents WHERE number = 1")
		f.save(r, r, entry(noon, "two"))
		f.tamper("DELETE FROM timeline WHERE incident_id = 'incident-0001' AND seq = 2;" +
			"UPDATE incidents SET (version, entries, last_at, head, head_mac) = (SELECT version, entries, last_at, head, head_mac FROM earlier) WHERE number = 1")
		if audit := f.audit(); len(audit.Problems) != 1 {
			t.Errorf("found %v", audit.Problems)
		}
	})
	t.Run("another key", func(t *testing.T) {
		f := &fixture{T: t, home: home.Fresh(t)}
		f.open()
		history(f)
		f.openWith([]byte(strings.Repeat("another key ", 4)))
		if audit := f.audit(); len(audit.Problems) < 4 {
			t.Errorf("found only %v", audit.Problems)
		}
	})
}

func erasure(_ *testing.T, f *fixture) {
	history(f)
	f.tamper("UPDATE timeline SET payload = NULL, salt = NULL" + second + "AND seq = 2")
	audit := f.audit()
	is(f, fmt.Sprint(audit.Problems), len(audit.Problems), 0)
	got := read(f, timeline("incident-0002"))
	is(f, "the erased text", got[1].Text, "(erased)")
	is(f, "its kind", got[1].Kind, incident.KindShown)
	is(f, "the next text", got[2].Text, "three")
}

func tamperingStays(_ *testing.T, f *fixture) {
	history(f)
	f.tamper("DELETE FROM timeline WHERE incident_id = 'incident-0003';" + dropIncident("incident-0003") + ";DELETE FROM ledger")
	for n := 4; n < 6; n++ { // incidents go on to be taken in
		f.create(plain(n))
		f.open()
		if len(f.audit().Problems) == 0 {
			f.Error("the tampering shows no more")
		}
	}
}
