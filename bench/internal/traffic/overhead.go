package traffic

import (
	"context"
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/settings"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// overheadSizes are the payloads, text of so many bytes.
var overheadSizes = []int{16, 256, 1 << 10}

// title names a framing, what its records are written in, and what the connection's
// messages are.
func (k kind) title(wire wireSerializer) string {
	return fmt.Sprintf("%s, record %s, session %s", k.framing, k.record, wire.name)
}

// with is a framing with each serializer that it carries.
func (k kind) with(records ...cryptobox.Serializer) []kind {
	all := make([]kind, len(records))
	for i, record := range records {
		all[i] = k
		all[i].record = record
	}
	return all
}

// MeasureOverhead files how many bytes a sealed PUBLISH has more than a plain one:
// through a nexus router, and Crossbar.io for what only that carries.
func MeasureOverhead(ctx context.Context, s settings.Settings, to *report.Report) error {
	s.Progress("bytes that sealing adds")
	both := append(encKind.with(cryptobox.CBOR, cryptobox.MessagePack, cryptobox.JSON), pptKind.with(cryptobox.CBOR)...)
	native := nativeKind.with(cryptobox.JSON, cryptobox.CBOR, cryptobox.MessagePack)
	r, err := startRouter(ctx, s.RouterStart)
	if err != nil {
		return err
	}
	if err := errors.Join(overhead(ctx, to, both, r.url), r.process.Stop()); err != nil {
		return err
	}
	if s.Python == "" {
		for _, k := range native {
			for _, wire := range wireSerializers {
				for _, size := range overheadSizes {
					to.Miss(overheadKey(k.title(wire), size), s.NoPython)
				}
			}
		}
		return nil
	}
	node, err := interop.StartNode(ctx, s.Python)
	if err != nil {
		return err
	}
	return errors.Join(overhead(ctx, to, native, node.WebSocketURL()), node.Stop())
}

func overheadKey(contender string, size int) report.Key {
	return report.Key{Section: report.Overhead, Task: "publish", Contender: contender, Size: size, Metric: report.WireBytes}
}

func overhead(ctx context.Context, to *report.Report, sealings []kind, url string) error {
	for _, wire := range wireSerializers {
		for _, size := range overheadSizes {
			args := wamp.List{payload(size)}
			plain, err := publishBytes(ctx, plainKind, wire, url, args)
			if err != nil {
				return fmt.Errorf("bench: count the bytes of a plain PUBLISH: %w", err)
			}
			for _, k := range sealings {
				sealed, err := publishBytes(ctx, k, wire, url, args)
				if err != nil {
					return fmt.Errorf("bench: %s: count the bytes of a PUBLISH: %w", k.title(wire), err)
				}
				to.Add(overheadKey(k.title(wire), size), sealed-plain)
			}
		}
	}
	return nil
}
