package transparency

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/gammazero/nexus/v3/stdlog"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
)

// WithLogger writes what the Session reports to logger, as records: messages that were
// refused, the end of its connection, and reconnecting. Records hold no payload and no key.
// What a router says in them is quoted and cut. An [Error] is a group: see [Error.LogValue].
// By default lines of text go to the Logger of client.Config.
func WithLogger(logger *slog.Logger) Option {
	return func(cfg *config) error {
		if logger == nil {
			return unusable("WithLogger(nil): give a logger, such as slog.Default()")
		}
		cfg.logger = logger
		return nil
	}
}

func newLogger(cfg config, std stdlog.StdLog) *slog.Logger {
	switch {
	case cfg.logger != nil:
		return slog.New(shielded{cfg.logger.Handler()})
	case std == nil:
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(shielded{lines{std}})
}

// shielded is a handler of the application that may panic. Then nothing is logged, and
// nobody can be told.
type shielded struct{ slog.Handler }

// Enabled implements [slog.Handler].
func (s shielded) Enabled(ctx context.Context, level slog.Level) (enabled bool) {
	_ = shield.Run("a logger", func() { enabled = s.Handler.Enabled(ctx, level) })
	return enabled
}

// Handle implements [slog.Handler].
func (s shielded) Handle(ctx context.Context, r slog.Record) (err error) {
	if panicked := shield.Run("a logger", func() { err = s.Handler.Handle(ctx, r) }); panicked != nil {
		return panicked
	}
	return err
}

// WithAttrs implements [slog.Handler]. A Session's logger gets none.
func (s shielded) WithAttrs([]slog.Attr) slog.Handler { return s }

// WithGroup implements [slog.Handler]. A Session's logger gets none.
func (s shielded) WithGroup(string) slog.Handler { return s }

// LogValue returns the error as a group: op, uri and reason; detail, ref, peer (reason and
// skew), key_id and id, if they are known; said_session, said_authid and said_authrole, if a
// router says them.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("op", e.Op),
		slog.String("uri", link.Printable(e.URI)),
		slog.String("reason", e.Reason.Error()),
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("detail", e.Err.Error()))
	}
	if e.Ref != "" {
		attrs = append(attrs, slog.String("ref", e.Ref))
	}
	if e.Peer != nil {
		attrs = append(attrs, slog.Group("peer", slog.String("reason", e.Peer.reason()), slog.Duration("skew", e.Peer.Skew)))
	}
	return slog.GroupValue(append(attrs, e.From.attrs()...)...)
}

// attrs are those of an origin, if there is one.
func (o *Origin) attrs() (attrs []slog.Attr) {
	if o == nil {
		return nil
	}
	text := func(name, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(name, link.Printable(value)))
		}
	}
	id := func(name string, value wamp.ID) {
		if value != 0 {
			attrs = append(attrs, slog.Int64(name, int64(value)))
		}
	}
	text("key_id", o.KeyID)
	id("id", o.ID)
	id("said_session", o.Session)
	text("said_authid", o.AuthID)
	text("said_authrole", o.AuthRole)
	return attrs
}

// lines writes records as lines of text: the message, and the values behind it.
type lines struct{ log stdlog.StdLog }

var _ slog.Handler = lines{}

// Enabled implements [slog.Handler].
func (lines) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements [slog.Handler].
func (l lines) Handle(_ context.Context, r slog.Record) error {
	var text strings.Builder
	text.WriteString(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		switch value := a.Value.Resolve(); {
		case a.Key == keyError:
			fmt.Fprintf(&text, ": %v", a.Value.Any())
		case value.Kind() == slog.KindTime:
			fmt.Fprintf(&text, ", %s: %s", a.Key, value.Time().UTC().Format(time.RFC3339))
		default:
			fmt.Fprintf(&text, ", %s: %v", a.Key, a.Value.Any())
		}
		return true
	})
	l.log.Println(text.String())
	return nil
}

// keyError names the attribute that says why.
const keyError = "error"

// WithAttrs implements [slog.Handler]. A Session's logger has none.
func (l lines) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements [slog.Handler]. A Session's logger has none.
func (l lines) WithGroup(string) slog.Handler { return l }
