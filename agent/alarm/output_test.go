package alarm

import (
	"slices"
	"testing"

	"github.com/jfreymuth/pulse/proto"
)

func TestOnlyWhatCanBeHeardIsPlaying(t *testing.T) {
	type world struct {
		in   proto.GetSinkInputInfoReply
		sink proto.GetSinkInfoReply
	}
	for _, c := range []struct {
		why    string
		change func(*world)
		reason string
	}{
		{"all well", func(*world) {}, ""},
		{"one ear is enough", func(w *world) { w.sink.ChannelVolumes[0] = 0 }, ""},
		{"output muted", func(w *world) { w.sink.Mute = true }, reasonMuted},
		{"stream muted", func(w *world) { w.in.Muted = true }, reasonMuted},
		{"output turned down", func(w *world) { w.sink.ChannelVolumes = proto.ChannelVolumes{0, 0} }, reasonVolume},
		{"stream turned down", func(w *world) { w.in.ChannelVolumes = proto.ChannelVolumes{0} }, reasonVolume},
		{"stream held", func(w *world) { w.in.Corked = true }, reasonNotPlayed},
		{"output asleep", func(w *world) { w.sink.State = sinkSuspended }, reasonSuspended},
		{"no sound card", func(w *world) { w.sink.SinkName = dummySink }, reasonNoOutput},
		{"plug pulled", func(w *world) { w.sink.Ports[0].Available = portUnavailable }, reasonUnplugged},
		{"another port unplugged", func(w *world) { w.sink.Ports[0].Available = portUnavailable; w.sink.ActivePortName = "x" }, ""},
	} {
		w := world{
			in:   proto.GetSinkInputInfoReply{ChannelVolumes: proto.ChannelVolumes{0x10000}},
			sink: proto.GetSinkInfoReply{SinkName: "alsa", ChannelVolumes: proto.ChannelVolumes{0x8000, 0x8000}, ActivePortName: "speaker"},
		}
		w.sink.Ports = slices.Grow(w.sink.Ports, 1)[:1]
		w.sink.Ports[0].Name = "speaker"
		c.change(&w)
		got := judgeInput(&w.in, &w.sink)
		if got.Reason != c.reason || got.Playing != (c.reason == "") {
			t.Errorf("%s: got %+v, want reason %q", c.why, got, c.reason)
		}
	}
}

func TestOutputIsNamedWithItsVolume(t *testing.T) {
	sink := &proto.GetSinkInfoReply{
		SinkName: "alsa_output.pci", ChannelVolumes: proto.ChannelVolumes{0x8000, 1},
		Properties: proto.PropList{"device.description": proto.PropListString("Built-in\x1b Audio")},
	}
	if got, want := judgeSink(sink).Output, "Built-in^[ Audio, volume 50 %"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	sink.ChannelVolumes = proto.ChannelVolumes{1}
	if got, want := percent(sink.ChannelVolumes), 1; got != want {
		t.Errorf("the least volume is %d %%, want %d", got, want)
	}
}

func TestServerStrings(t *testing.T) {
	t.Setenv("PULSE_SERVER", "/from/environment")
	for in, want := range map[string][]networkAddress{
		"":                       {{"unix", "/from/environment"}},
		"/a unix:/b":             {{"unix", "/a"}, {"unix", "/b"}},
		"tcp:host tcp6:[::1]:9":  {{"tcp", "host:4713"}, {"tcp6", "[::1]:9"}},
		"{elsewhere}/a nonsense": nil,
	} {
		got := pulseAddresses(in)
		if len(got) != len(want) {
			t.Errorf("%q: got %v, want %v", in, got, want)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%q: got %v, want %v", in, got, want)
			}
		}
	}
	t.Setenv("PULSE_SERVER", "")
	t.Setenv("PULSE_RUNTIME_PATH", "")
	t.Setenv("XDG_RUNTIME_DIR", "/run/me")
	if got := pulseAddresses(""); len(got) != 2 || got[0] != (networkAddress{"unix", "/run/me/pulse/native"}) {
		t.Errorf("defaults: %v", got)
	}
}
