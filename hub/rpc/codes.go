package rpc

import (
	"context"
	"errors"
	"log/slog"

	"connectrpc.com/connect"

	"tocsin/hub/fault"
)

// codes is the one place where kinds of fault become Connect codes.
var codes = map[fault.Kind]connect.Code{
	fault.Internal:    connect.CodeInternal,
	fault.NotFound:    connect.CodeNotFound,
	fault.Conflict:    connect.CodeAlreadyExists,
	fault.Stale:       connect.CodeAborted,
	fault.Invalid:     connect.CodeInvalidArgument,
	fault.Denied:      connect.CodeUnauthenticated,
	fault.Unavailable: connect.CodeUnavailable,
	fault.Protocol:    connect.CodeFailedPrecondition,
}

// translator translates what handlers answer, and logs what nobody foresaw.
type translator struct{ log *slog.Logger }

func (t translator) translate(procedure string, err error) error {
	if err == nil {
		return nil
	}
	if connected := new(connect.Error); errors.As(err, &connected) {
		return err
	}
	switch {
	case errors.Is(err, context.Canceled):
		return connect.NewError(connect.CodeCanceled, errors.New("the caller went away"))
	case errors.Is(err, context.DeadlineExceeded):
		return connect.NewError(connect.CodeDeadlineExceeded, errors.New("the time that the caller gave was over"))
	}
	kind := fault.KindOf(err)
	if kind == fault.Internal {
		t.log.Error("a call failed", "call", procedure, "err", err)
	}
	return connect.NewError(codes[kind], errors.New(fault.Sentence(err)))
}

func (t translator) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		res, err := next(ctx, req)
		return res, t.translate(req.Spec().Procedure, err)
	}
}

func (t translator) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (t translator) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		return t.translate(conn.Spec().Procedure, next(ctx, conn))
	}
}

// Options are what every service of the hub is served with.
func Options(log *slog.Logger) []connect.HandlerOption {
	return []connect.HandlerOption{
		connect.WithInterceptors(translator{log}),
		connect.WithReadMaxBytes(4 << 20),
	}
}
