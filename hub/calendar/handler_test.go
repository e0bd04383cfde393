package calendar

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin/hub/auth"
	"tocsin/hub/organisation"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
)

// fixed is a history that needs no database.
type fixed struct {
	history organisation.History
	err     error
}

func (f fixed) History(context.Context, time.Time) (organisation.History, error) {
	return f.history, f.err
}

// serve answers one request, with links to a schedule, a user, and to what is
// not there any more.
func serve(t *testing.T, h Histories, path string) *httptest.ResponseRecorder {
	t.Helper()
	db, err := sqldb.Open(t.Context(), filepath.Join(t.TempDir(), "hub.db"), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	err = db.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(
			tx.SetCalendarLink(auth.Hash("old"), store.Calendar{Schedule: "web"}, now),
			tx.SetCalendarLink(auth.Hash("web"), store.Calendar{Schedule: "web"}, now),
			tx.SetCalendarLink(auth.Hash("ada"), store.Calendar{User: "ada"}, now),
			tx.SetCalendarLink(auth.Hash("gone"), store.Calendar{Schedule: "gone"}, now),
			tx.SetCalendarLink(auth.Hash("kim"), store.Calendar{User: "kim"}, now),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	(&Handler{Store: db, Histories: h, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}).Register(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestASecretLeadsToItsCalendarAndNothingElseDoes(t *testing.T) {
	h := fixed{organisation.Always(org()), nil}
	for path, want := range map[string]string{
		"/calendar/web.ics": "SUMMARY:Bob Brown on call", "/calendar/ada.ics": "SUMMARY:On call: Web",
	} {
		w := serve(t, h, path)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) || w.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
			t.Errorf("%s: %d %v %.200s", path, w.Code, w.Header(), w.Body)
		}
	}
	for _, path := range []string{"/calendar/old.ics", "/calendar/gone.ics", "/calendar/kim.ics", "/calendar/.ics", "/calendar/x", "/calendar/%00.ics", "/calendar/", "/calendar/web.ics/x"} {
		if w := serve(t, h, path); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "VCALENDAR") {
			t.Errorf("%s: %d %.200s", path, w.Code, w.Body)
		}
	}
}

func TestACalendarThatCannotBeWrittenNowIsNotGone(t *testing.T) {
	if w := serve(t, fixed{nil, errors.New("the disk is full")}, "/calendar/web.ics"); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSecretsAreLongAndDiffer(t *testing.T) {
	if a, b := NewSecret(), NewSecret(); a == b || len(a) != 40 {
		t.Errorf("%s, %s", a, b)
	}
}
