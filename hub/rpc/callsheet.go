package rpc

import (
	"bytes"
	"context"
	"hash/maphash"
	"sync"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/callsheet"
	"tocsin/hub/engine"
	"tocsin/hub/fault"
	"tocsin/hub/organisation"
	"tocsin/hub/pager"
	"tocsin/hub/responder"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// CallSheets answers the command line about who is on call in the next days.
type CallSheets struct {
	Org func() *organisation.Organisation
}

var _ hubv1connect.CallSheetServiceHandler = (*CallSheets)(nil)

// GetCallSheet implements the command line's service.
func (c *CallSheets) GetCallSheet(_ context.Context, req *connect.Request[hubv1.GetCallSheetRequest]) (*connect.Response[hubv1.GetCallSheetResponse], error) {
	days := int(req.Msg.Days)
	switch {
	case days == 0:
		days = callsheet.Days
	case days > callsheet.MaxDays:
		return nil, fault.New(fault.Invalid, "--days: at most %d", callsheet.MaxDays)
	}
	sheet := callsheet.Make(c.Org(), engine.Now(), days)
	var page bytes.Buffer
	if err := sheet.HTML(&page); err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.GetCallSheetResponse{Text: sheet.Text(), Html: page.Bytes()}), nil
}

// sheets keeps the newest call sheet of the whole organisation, and what of it
// each device has.
type sheets struct {
	mu   sync.Mutex
	org  *organisation.Organisation
	hour time.Time
	all  callsheet.Sheet
	told map[responder.DeviceID]uint64
	// Of what every device was told last.
	toldOrg  *organisation.Organisation
	toldHour time.Time
}

var sheetSeed = maphash.MakeSeed()

// sheetOf gives the sheet of a user as text, and its hash; "" for one who has no
// part in any schedule or service.
func (a *Agents) sheetOf(u responder.UserID, now time.Time) (string, uint64) {
	org := a.Directory.Current()
	a.sheets.mu.Lock()
	if hour := now.Truncate(time.Hour); a.sheets.org != org || !a.sheets.hour.Equal(hour) {
		a.sheets.org, a.sheets.hour = org, hour
		a.sheets.all = callsheet.Make(org, now, callsheet.Days)
	}
	all := a.sheets.all
	a.sheets.mu.Unlock()
	own := all.For(org, u)
	if own.Empty() {
		return "", 0
	}
	text := own.Text()
	return text, maphash.String(sheetSeed, text)
}

// sheetFrame is the call sheet for a device that connects: also one that it may
// have, as nobody knows whether the last one arrived, and an empty one for who
// may have lost their part in everything while it was away.
func (a *Agents) sheetFrame(d responder.Device, now time.Time) *agentv1.WatchResponse {
	text, hash := a.sheetOf(d.User, now)
	a.sheets.news(hash, d.ID)
	return callSheetFrame(text, now)
}

// news notes what devices are told, and reports whether it is new to one of them.
func (s *sheets) news(hash uint64, devices ...responder.DeviceID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told == nil {
		s.told = map[responder.DeviceID]uint64{}
	}
	fresh := false
	for _, d := range devices {
		fresh = fresh || s.told[d] != hash
		s.told[d] = hash
	}
	return fresh
}

// due reports whether the sheets may say something else than when it was asked last.
func (s *sheets) due(org *organisation.Organisation, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	hour := now.Truncate(time.Hour)
	if s.toldOrg == org && s.toldHour.Equal(hour) {
		return false
	}
	s.toldOrg, s.toldHour = org, hour
	return true
}

func callSheetFrame(text string, now time.Time) *agentv1.WatchResponse {
	return &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_CallSheet{CallSheet: &agentv1.CallSheet{MadeAt: pager.Stamp(now), Text: text}}}
}

// tellSheets sends each user's devices the call sheet, where it says something
// else than before.
func (a *Agents) tellSheets() {
	org, now := a.Directory.Current(), engine.Now()
	if !a.sheets.due(org, now) {
		return
	}
	a.Pager.ToUsers(func(u responder.UserID) []*agentv1.WatchResponse {
		text, hash := a.sheetOf(u, now)
		var ids []responder.DeviceID
		for _, d := range org.DevicesOf(u) {
			if a.Pager.Connected(d.ID) {
				ids = append(ids, d.ID)
			}
		}
		if !a.sheets.news(hash, ids...) {
			return nil
		}
		return []*agentv1.WatchResponse{callSheetFrame(text, now)}
	})
}
