package rpc

import (
	"context"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/engine"
	"tocsin/hub/fault"
	"tocsin/hub/pager"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// longestDrain bounds for how long agents may be told not to miss their hub.
const longestDrain = time.Hour

// Drain implements the command line's service.
func (h *Hub) Drain(_ context.Context, req *connect.Request[hubv1.DrainRequest]) (*connect.Response[hubv1.DrainResponse], error) {
	length := time.Duration(req.Msg.ForMs) * time.Millisecond
	if req.Msg.ForMs < 0 || req.Msg.ForMs > longestDrain.Milliseconds() {
		return nil, fault.New(fault.Invalid, "for: a hub may be away on purpose for up to %s; agents alarm for a longer absence", longestDrain)
	}
	var back time.Time
	if length > 0 {
		back = engine.Now().Add(length)
	}
	told := h.Pager.Drain(back)
	if back.IsZero() {
		h.Log.Info("agents are told that the hub stays", "devices", told)
	} else {
		h.Log.Info("agents are told that the hub goes away", "back_at", back, "devices", told)
	}
	return connect.NewResponse(&hubv1.DrainResponse{BackAt: pager.Stamp(back), Devices: uint32(told)}), nil
}
