package traffic

import (
	"context"
	"errors"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/settings"
)

// nexusKinds are what a nexus router carries.
var nexusKinds = []kind{plainKind, unkeyedKind, encKind, pptKind}

// MeasureNexus files calls and events through a nexus router in a process of its own,
// on WebSockets of the loopback interface. Both clients are in this process.
func MeasureNexus(ctx context.Context, s settings.Settings, to *report.Report) (err error) {
	r, err := startRouter(ctx, s.RouterStart)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.process.Stop()) }()
	for _, serializer := range wireSerializers {
		if err := nexusOn(ctx, s, to, r, serializer); err != nil {
			return err
		}
	}
	return nil
}

// nexusOn measures on connections with one serializer.
func nexusOn(ctx context.Context, s settings.Settings, to *report.Report, r *router, serializer wireSerializer) (err error) {
	sec := &section{Settings: s, to: to, name: report.Nexus, routerCPU: r.cpu}
	defer func() { err = errors.Join(err, sec.close()) }()
	for _, k := range nexusKinds {
		p, err := newGoPair(ctx, k, serializer, r.url, []string{Calls, Events})
		if err != nil {
			return err
		}
		sec.pairs = append(sec.pairs, p)
	}
	for _, task := range []string{Calls, Events} {
		for _, size := range sizesOf(task, s) {
			for _, atOnce := range s.AtOnce {
				if err := sec.measure(ctx, task, size, atOnce); err != nil {
					return err
				}
			}
			for _, k := range nexusKinds {
				if err := sec.weigh(ctx, task, k, serializer, r.url, size); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// sizesOf are the payloads: events are measured with the smallest only.
func sizesOf(task string, s settings.Settings) []int {
	if task == Events {
		return s.Payloads[:1]
	}
	return s.Payloads
}
