// Package app puts a hub together and runs it, in reading order. The command
// line, the end-to-end tests and the simulator all start a hub here.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"tocsin/hub/answer"
	"tocsin/hub/auth"
	"tocsin/hub/calendar"
	"tocsin/hub/config"
	"tocsin/hub/courier"
	"tocsin/hub/duty"
	"tocsin/hub/engine"
	"tocsin/hub/gateway"
	"tocsin/hub/herald"
	"tocsin/hub/incident"
	"tocsin/hub/ingest"
	"tocsin/hub/muster"
	"tocsin/hub/pager"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/rpc"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
	"tocsin/shared/build"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// Hub is one running hub.
type Hub struct {
	config    config.Config
	log       *slog.Logger
	folder    *folder
	store     store.Store
	directory *rota.Directory
	engine    *engine.Engine
	pager     *pager.Pager
	courier   *courier.Courier
	herald    *herald.Herald
	muster    *muster.Muster
	gateways  *gateway.Set
	dial      gateway.Dial
	answers   *answer.Handler
	rota      *rota.Service
	duty      *duty.Keeper
	agents    *rpc.Agents
	holding   *rpc.Holding
	admin     *rpc.Hub
	started   time.Time
	public    net.Listener // where agents and sources connect
	local     net.Listener // the command line's socket
	mail      net.Listener // where replies by mail are handed in; nil: nowhere
}

// Open makes a hub ready to run: its folder, its database, its listeners. What
// is wrong with the settings is a fault.Invalid.
func Open(ctx context.Context, c config.Config, log *slog.Logger) (*Hub, error) {
	return OpenOn(ctx, c, log, Listeners{})
}

// Listeners are where a hub listens. One that is nil is made from the settings;
// tests bring networks of their own.
type Listeners struct {
	Public net.Listener // agents and sources
	Local  net.Listener // the command line
	Mail   net.Listener // replies by mail
	// Dial is how messages reach their gateways; nil: over the network.
	Dial gateway.Dial
}

// OpenOn is Open on given listeners, which it closes.
func OpenOn(ctx context.Context, c config.Config, log *slog.Logger, l Listeners) (*Hub, error) {
	h := &Hub{config: c, log: log, started: time.Now(), public: l.Public, local: l.Local, mail: l.Mail, dial: l.Dial}
	if err := c.Check(); err != nil {
		return nil, errors.Join(err, h.close())
	}
	if err := h.open(ctx); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *Hub) open(ctx context.Context) (err error) {
	if h.folder, err = openFolder(h.config.Data); err != nil {
		return err
	}
	if h.gateways, err = openGateways(h.config, h.dial, h.log); err != nil {
		return err
	}
	db, err := sqldb.Open(ctx, h.folder.database(), h.folder.auditKey)
	if err != nil {
		return err
	}
	h.store = db
	if h.directory, err = rota.OpenDirectory(ctx, h.store, engine.Now(), h.gateways.Kinds()...); err != nil {
		return err
	}
	h.pager = pager.New(h.deviceChanged, h.siteLost, h.log)
	h.engine = engine.New(h.store, h.directory, h.pager, h.publish, h.log)
	h.courier = courier.New(courier.Parts{
		Store: h.store, Engine: h.engine, Gateways: h.gateways, Org: h.directory.Current, URL: h.publicURL, Log: h.log,
	})
	h.herald = herald.New(herald.Parts{Store: h.store, Gateways: h.gateways, Devices: h.pager, Org: h.directory.Current, Log: h.log})
	h.rota = rota.New(h.store, h.gateways.Kinds()...)
	h.duty = duty.New(duty.Parts{
		Store: h.store, Engine: h.engine, Rota: h.rota, Directory: h.directory, Notices: h.herald,
		Refresh: func() { h.agents.RefreshDuty() }, Log: h.log,
	})
	devices := auth.NewDevices(h.store)
	h.answers = &answer.Handler{
		Store: h.store, Engine: h.engine, Org: h.directory.Current, URL: h.publicURL, Signed: h.gateways.Signed,
		CallAgain: h.courier.CallAgain, Log: h.log,
	}
	h.agents = &rpc.Agents{
		Store: h.store, Engine: h.engine, Pager: h.pager, Directory: h.directory, Duty: h.duty, Devices: devices,
		HubName: h.name, Version: build.Version(), Address: h.URL, Log: h.log,
	}
	h.holding = rpc.NewHolding(h.agents)
	h.muster = muster.New(muster.Parts{
		Store: h.store, Directory: h.directory, Devices: h.pager, Herald: h.herald, Changed: h.agents.OnCallChanged, Log: h.log,
	})
	h.agents.Reach = h.muster.Reach
	if err := h.engine.Start(ctx); err != nil {
		return err
	}
	if err := h.listen(ctx); err != nil {
		return err
	}
	h.admin = &rpc.Hub{
		Store: h.store, Engine: h.engine, Pager: h.pager, Directory: h.directory, Devices: devices,
		Rota: h.rota, Duty: h.duty, Reach: h.muster.Reach,
		Version: build.Version(), Started: h.started, URL: h.URL, LinkURL: h.publicURL, Log: h.log,
	}
	return nil
}

func (h *Hub) listen(ctx context.Context) (err error) {
	var lc net.ListenConfig
	if h.public == nil {
		if h.public, err = lc.Listen(ctx, "tcp", h.config.Listen); err != nil {
			return fmt.Errorf("listen on %s (is another hub running there?): %w", h.config.Listen, err)
		}
	}
	if h.local == nil {
		if h.local, err = listenLocal(ctx, h.config.Data); err != nil {
			return err
		}
	}
	return h.listenMail(ctx)
}

func listenLocal(ctx context.Context, data string) (net.Listener, error) {
	socket, err := config.Socket(data)
	if err != nil {
		return nil, err
	}
	// The folder's lock says that no other hub runs here, so a socket that is
	// there was left behind.
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the old socket: %w", err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("listen on the command line's socket: %w", err)
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("close the command line's socket to others: %w", err), l.Close())
	}
	return l, nil
}

// URL is where agents and sources reach this hub.
func (h *Hub) URL() string { return config.URL(h.public.Addr()) }

// publicURL is where the links in messages lead.
func (h *Hub) publicURL() string {
	if h.config.PublicURL != "" {
		return strings.TrimSuffix(h.config.PublicURL, "/")
	}
	return h.URL()
}

// name is what agents call this hub.
func (h *Hub) name() string {
	if name := h.directory.Current().Name; name != "" {
		return name
	}
	return "Tocsin"
}

// publish is told of every commit.
func (h *Hub) publish(c engine.Change) {
	h.pager.Tell(c.State, c.Org)
	h.courier.Tell(c)
	h.holding.Tell(c)
	h.duty.Tell(c)
}

// deviceChanged looks again at what the user is paged for.
func (h *Hub) deviceChanged(u responder.UserID) error {
	return h.engine.HintUser(context.Background(), u)
}

// Run serves until ctx ends, then finishes what is under way and closes
// everything.
func (h *Hub) Run(ctx context.Context) error {
	run, stop := context.WithCancel(ctx)
	defer stop()
	public, local := h.server(h.publicRoutes()), h.server(h.localRoutes())
	parts := []func(context.Context) error{
		func(context.Context) error { return serve(public, h.public) },
		func(context.Context) error { return serve(local, h.local) },
		h.engine.Run, h.courier.Run, h.herald.Run, h.holding.Run, h.duty.Run, h.muster.Run, h.agents.RunRosters,
	}
	if h.mail != nil {
		parts = append(parts, func(ctx context.Context) error { return h.mailbox().Serve(ctx, h.mail) })
	}
	failed := make(chan error, len(parts))
	var running sync.WaitGroup
	for _, part := range parts {
		running.Go(func() { failed <- part(run) })
	}
	h.log.Info("the hub runs", "url", h.URL(), "data", h.config.Data, "version", build.Version())
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	h.pager.CloseAll()
	err = errors.Join(err, shutdown(public), shutdown(local))
	running.Wait()
	h.log.Info("the hub stops")
	return errors.Join(err, h.close())
}

func serve(s *http.Server, l net.Listener) error {
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

// shutdownTime is how long calls under way may take to finish.
const shutdownTime = 3 * time.Second

func shutdown(s *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		return s.Close()
	}
	return nil
}

func (h *Hub) close() error {
	var errs []error
	for _, l := range []net.Listener{h.public, h.local, h.mail} {
		if l != nil {
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	if h.store != nil {
		errs = append(errs, h.store.Close())
	}
	if h.folder != nil {
		errs = append(errs, h.folder.close())
	}
	return errors.Join(errs...)
}

func (h *Hub) server(handler http.Handler) *http.Server {
	var p http.Protocols
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler: handler, Protocols: &p, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(h.log.Handler(), slog.LevelDebug),
	}
}

func (h *Hub) publicRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(h.agents.Handler())
	events := &ingest.Handler{Engine: taker{h.engine}, Pinger: h.engine, Keys: h.directory, Log: h.log}
	events.Register(mux)
	h.answers.Register(mux)
	calendars := &calendar.Handler{Store: h.store, Histories: h.directory, Now: engine.Now, Log: h.log}
	calendars.Register(mux)
	h.health(mux)
	return mux
}

func (h *Hub) localRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(hubv1connect.NewHubServiceHandler(h.admin, rpc.Options(h.log)...))
	methods := &rpc.Methods{Org: h.directory.Current, Gateways: h.gateways, Store: h.store, Log: h.log}
	mux.Handle(hubv1connect.NewMethodServiceHandler(methods, rpc.Options(h.log)...))
	checks := &rpc.Checks{Org: h.directory.Current, Muster: h.muster}
	mux.Handle(hubv1connect.NewReadinessServiceHandler(checks, rpc.Options(h.log)...))
	users := &rpc.Users{Hub: h.admin, Notices: h.herald}
	mux.Handle(hubv1connect.NewUserServiceHandler(users, rpc.Options(h.log)...))
	sheets := &rpc.CallSheets{Org: h.directory.Current}
	mux.Handle(hubv1connect.NewCallSheetServiceHandler(sheets, rpc.Options(h.log)...))
	notices := &rpc.Notices{Store: h.store, Org: h.directory.Current}
	mux.Handle(hubv1connect.NewNoticeServiceHandler(notices, rpc.Options(h.log)...))
	maintenance := &rpc.Maintenance{Hub: h.admin}
	mux.Handle(hubv1connect.NewMaintenanceServiceHandler(maintenance, rpc.Options(h.log)...))
	mux.Handle(hubv1connect.NewIncidentServiceHandler(&rpc.Incidents{Hub: h.admin}, rpc.Options(h.log)...))
	mux.Handle(hubv1connect.NewHeartbeatServiceHandler(&rpc.Heartbeats{Hub: h.admin}, rpc.Options(h.log)...))
	covers := &rpc.Covers{Duty: h.duty, Org: h.directory.Current}
	mux.Handle(hubv1connect.NewCoverServiceHandler(covers, rpc.Options(h.log)...))
	h.health(mux)
	return mux
}

// taker lets package ingest know no more of the engine than it needs.
type taker struct{ *engine.Engine }

func (t taker) Take(ctx context.Context, e incident.Event) (incident.Effect, error) {
	_, effect, err := t.Ingest(ctx, e)
	return effect, err
}

// health answers whether the process lives, and whether it can take events.
func (h *Hub) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		err := h.store.View(r.Context(), func(tx store.Tx) error {
			_, err := tx.LastAlive()
			return err
		})
		if err != nil {
			h.log.Error("the hub is not ready", "err", err)
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
}
