package alarm

import (
	"context"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"tocsin/agent/alarm/bus"
)

// stuckService never answers.
type stuckService struct{ never chan struct{} }

func (s *stuckService) GetCapabilities() ([]string, *dbus.Error) { return nil, nil }
func (s *stuckService) Notify(string, uint32, string, string, string, []string, map[string]dbus.Variant, int32) (uint32, *dbus.Error) {
	<-s.never
	return 0, nil
}

// A notification service that hangs must not hold up what comes behind it in
// the desk's queue: closing, other notifications, and raising the window.
func TestAServiceThatHangsHoldsNothingUp(t *testing.T) {
	privateBus(t)
	conn, err := bus.Session()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := &stuckService{never: make(chan struct{})}
	if err := conn.Export(s, notifyPath, notifyName); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(notifyName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context()) // as desktop.Run's: no deadline
	n := NewNotifier(t.TempDir()+"/list", func(string, Action) {})
	done := make(chan error, 1)
	go func() { done <- n.Show(ctx, Notification{Key: "a", Title: "x", Urgent: true}) }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("it says that the notification is shown")
		}
	case <-time.After(20 * time.Second):
		t.Error("Show still waits after 20 s")
		cancel()
		<-done
	}
	cancel()
	close(s.never)
}
