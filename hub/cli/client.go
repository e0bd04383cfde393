package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"

	"connectrpc.com/connect"

	"tocsin/hub/config"
	"tocsin/hub/rpc"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// connected makes the client of one of the services of a data folder's hub.
func connected[C any](g *globals, service func(connect.HTTPClient, string, ...connect.ClientOption) C) (C, error) {
	var none C
	if err := g.check(); err != nil {
		return none, err
	}
	socket, err := config.Socket(g.Data)
	if err != nil {
		return none, err
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "unix", socket)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
			return nil, noHub(g.Data)
		}
		return conn, err
	}}
	as := connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			if g.As != "" {
				req.Header().Set(rpc.AsHeader, g.As)
			}
			return next(ctx, req)
		}
	})
	return service(&http.Client{Transport: transport}, "http://hub", connect.WithInterceptors(as)), nil
}

// ask makes one call and gives its answer.
func ask[Req, Res any](ctx context.Context, g *globals, call func(hubv1connect.HubServiceClient, context.Context, *connect.Request[Req]) (*connect.Response[Res], error), req *Req) (*Res, error) {
	return askOf(ctx, g, hubv1connect.NewHubServiceClient, call, req)
}

// askOf is ask for any of the hub's services.
func askOf[C, Req, Res any](ctx context.Context, g *globals, service func(connect.HTTPClient, string, ...connect.ClientOption) C, call func(C, context.Context, *connect.Request[Req]) (*connect.Response[Res], error), req *Req) (*Res, error) {
	client, err := connected(g, service)
	if err != nil {
		return nil, err
	}
	res, err := call(client, ctx, connect.NewRequest(req))
	if err != nil {
		return nil, fmt.Errorf("ask the hub: %w", err)
	}
	return res.Msg, nil
}
