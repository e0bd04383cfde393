package alarm

import (
	"errors"
	"fmt"

	"github.com/jfreymuth/pulse/proto"

	"tocsin/agent/ui/plain"
)

// Reasons why an alarm is not heard. They go into receipts and are shown.
const (
	reasonMuted     = "muted"
	reasonVolume    = "volume is zero"
	reasonNoOutput  = "no sound output"
	reasonUnplugged = "nothing plugged into the sound output"
	reasonSuspended = "the sound output is asleep"
	reasonNotPlayed = "the sound server does not play"
)

// pulse's numbers that its library does not name.
const (
	sinkRunning, sinkIdle, sinkSuspended = 0, 1, 2
	portUnavailable                      = 1
	// What PulseAudio and PipeWire call the output that they make up when the
	// machine has none.
	dummySink = "auto_null"
)

// judgeSink says whether something played on the output could be heard.
func judgeSink(sink *proto.GetSinkInfoReply) SoundState {
	name := sink.SinkName
	if d, ok := sink.Properties["device.description"]; ok && d.String() != "" {
		name = d.String()
	}
	st := SoundState{Output: fmt.Sprintf("%s, volume %d %%", plain.Line(name, 80), percent(sink.ChannelVolumes))}
	switch {
	case sink.SinkName == dummySink:
		st.Reason = reasonNoOutput
	case sink.Mute:
		st.Reason = reasonMuted
	case loudestOf(sink.ChannelVolumes) == 0:
		st.Reason = reasonVolume
	case unplugged(sink):
		st.Reason = reasonUnplugged
	}
	st.Playing = st.Reason == ""
	return st
}

// judgeInput says whether this stream on that output is heard.
func judgeInput(in *proto.GetSinkInputInfoReply, sink *proto.GetSinkInfoReply) SoundState {
	st := judgeSink(sink)
	switch {
	case !st.Playing:
	case in.Muted:
		st.Reason = reasonMuted
	case loudestOf(in.ChannelVolumes) == 0:
		st.Reason = reasonVolume
	case in.Corked:
		st.Reason = reasonNotPlayed
	case sink.State == sinkSuspended:
		st.Reason = reasonSuspended
	}
	st.Playing = st.Reason == ""
	return st
}

func loudestOf(v proto.ChannelVolumes) uint32 {
	var most uint32
	for _, c := range v {
		most = max(most, c)
	}
	return most
}

// percent rounds up: what can be heard never reads as zero.
func percent(v proto.ChannelVolumes) int {
	norm := int64(proto.VolumeNorm)
	return int((int64(loudestOf(v))*100 + norm - 1) / norm)
}

func unplugged(sink *proto.GetSinkInfoReply) bool {
	for _, p := range sink.Ports {
		if p.Name == sink.ActivePortName {
			return p.Available == portUnavailable
		}
	}
	return false
}

// check asks the server how the stream fares. An error means that the server
// can no longer be asked.
func (s *stream) check() (SoundState, error) {
	var in proto.GetSinkInputInfoReply
	if err := s.Request(&proto.GetSinkInputInfo{SinkInputIndex: s.input}, &in); err != nil {
		return SoundState{}, unanswered(err)
	}
	var sink proto.GetSinkInfoReply
	if err := s.Request(&proto.GetSinkInfo{SinkIndex: in.SinkIndex}, &sink); err != nil {
		return SoundState{}, unanswered(err)
	}
	st := judgeInput(&in, &sink)
	if !st.Playing {
		return st, nil
	}
	var latency proto.GetPlaybackLatencyReply
	if err := s.Request(&proto.GetPlaybackLatency{StreamIndex: s.id.Load()}, &latency); err != nil {
		return SoundState{}, unanswered(err)
	}
	if s.underrun.Load() || !latency.Running || latency.ReadIndex <= 0 {
		st.Playing, st.Reason = false, reasonNotPlayed
	}
	return st, nil
}

// probe asks a server about its default output.
func probe(address string) (SoundState, error) {
	p, err := dialPulse(address, func(any) {})
	if err != nil {
		return SoundState{}, err
	}
	defer p.conn.Close()
	var server proto.GetServerInfoReply
	if err := p.Request(&proto.GetServerInfo{}, &server); err != nil {
		return SoundState{}, unanswered(err)
	}
	var sink proto.GetSinkInfoReply
	err = p.Request(&proto.GetSinkInfo{SinkIndex: proto.Undefined, SinkName: server.DefaultSinkName}, &sink)
	if errors.Is(err, proto.ErrNoSuchEntity) {
		return SoundState{Reason: reasonNoOutput}, nil
	}
	if err != nil {
		return SoundState{}, unanswered(err)
	}
	return judgeSink(&sink), nil
}

func unanswered(err error) error {
	return fmt.Errorf("the sound server does not answer: %w", err)
}
