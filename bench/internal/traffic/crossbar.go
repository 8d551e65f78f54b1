package traffic

import (
	"context"
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/settings"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

var (
	crossbarKinds       = []kind{plainKind, unkeyedKind, nativeKind}
	crossbarSerializers = []wireSerializer{{"cbor", client.CBOR}, {"json", client.JSON}}
)

// MeasureCrossbar files calls through a Crossbar.io node: of Go clients, both in this
// process, and of Autobahn sessions, each in one of its own.
func MeasureCrossbar(ctx context.Context, s settings.Settings, to *report.Report) (err error) {
	if s.Python == "" {
		missCrossbar(s, to, s.NoPython)
		return nil
	}
	s.Progress("start Crossbar.io")
	node, err := interop.StartNode(ctx, s.Python)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, node.Stop()) }()
	for _, serializer := range crossbarSerializers {
		if err := crossbarOn(ctx, s, to, node.WebSocketURL(), serializer); err != nil {
			return fmt.Errorf("%w; Crossbar.io's log:\n%s", err, node.Log())
		}
	}
	return nil
}

// crossbarOn measures on connections with one serializer.
func crossbarOn(ctx context.Context, s settings.Settings, to *report.Report, url string, serializer wireSerializer) (err error) {
	sec := &section{Settings: s, to: to, name: report.Crossbar}
	defer func() { err = errors.Join(err, sec.close()) }()
	for _, k := range crossbarKinds {
		p, err := newGoPair(ctx, k, serializer, url, []string{Calls})
		if err != nil {
			return err
		}
		sec.pairs = append(sec.pairs, p)
	}
	for _, sealed := range []bool{false, true} {
		p, err := newPythonPair(ctx, s.Python, s.Scratch, url, serializer, sealed)
		if err != nil {
			return err
		}
		sec.pairs = append(sec.pairs, p)
	}
	size := s.Payloads[0]
	for _, atOnce := range s.AtOnce {
		if err := sec.measure(ctx, Calls, size, atOnce); err != nil {
			return err
		}
	}
	for _, k := range crossbarKinds {
		if err := sec.weigh(ctx, Calls, k, serializer, url, size); err != nil {
			return err
		}
	}
	return nil
}

// missCrossbar names everything that needs Crossbar.io.
func missCrossbar(s settings.Settings, to *report.Report, why string) {
	names := []string{plainKind.name, unkeyedKind.name, nativeKind.name, pythonPlain, pythonSealed}
	for _, serializer := range crossbarSerializers {
		for _, atOnce := range s.AtOnce {
			for _, name := range names {
				to.Miss(report.Key{
					Section: report.Crossbar, Task: Calls, Contender: contenderName(name, serializer.name),
					Size: s.Payloads[0], Load: atOnce, Metric: report.Rate,
				}, why)
			}
		}
	}
}
