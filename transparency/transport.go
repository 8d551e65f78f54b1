package transparency

import (
	"context"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// transport is what a Session stands on: our own client, on one connection or on one
// after the other, or a client that was given to [Wrap].
type transport interface {
	// now returns the present WAMP session, which may have ended.
	now() joined

	// Subscribe asks for the handler anew each time that it asks the router, and so does
	// Register.
	Subscribe(topic string, options wamp.Dict, handler func() client.EventHandler) error
	Unsubscribe(topic string) error
	Register(procedure string, options wamp.Dict, handler func() invocationHandler) error
	Unregister(procedure string) error
	SetCallCancelMode(mode string) error

	Done() <-chan struct{}
	// Err returns why there is no connection, or nil.
	Err() error
	Close() error
	Shutdown(ctx context.Context) error
}

// joined is a WAMP session. Parts that it is given are its own to change.
type joined interface {
	// Put replaces the payload of part with env.
	Put(part *wire.Part, env *wire.Envelope)
	// Form returns what makes of a value what it becomes in a plain message.
	Form() func(v any) (any, error)
	// Carries returns why a dialect isn't carried, and what to do, or nil.
	Carries(d cryptobox.Dialect) error

	// Publish calls sent, if it isn't nil, once the event is on its way.
	Publish(topic string, part *wire.Part, sent func()) error
	Call(ctx context.Context, procedure string, part *wire.Part, onProgress client.ProgressHandler, result *client.Result) error
	CallProgressive(ctx context.Context, procedure string, next client.ChunkSource, onProgress client.ProgressHandler, result *client.Result) error
	// Serving returns the invocation whose handler's context ctx is, or is derived
	// from.
	Serving(ctx context.Context) (served, bool)

	SubscriptionID(topic string) (wamp.ID, bool)
	RegistrationID(procedure string) (wamp.ID, bool)
	ID() wamp.ID
	Connected() bool
	RouterGoodbye() *wamp.Goodbye
	RealmDetails() wamp.Dict
	HasFeature(role, feature string) bool
}

// invocationHandler takes a chunk of an invocation, and answers it or leaves that to a
// later one.
type invocationHandler func(served, *client.Received)

// served is an invocation as a transport has it, over all its chunks.
type served interface {
	IDs() (request, registration wamp.ID)
	// Context ends with the invocation.
	Context() context.Context
	// Reserve waits until what was opened has room for so many bytes of memory. An error
	// that wraps [client.ErrFlood] says that there is none; any other, that the invocation
	// has ended.
	Reserve(bytes int) error
	// State is what was set with an earlier chunk, or nil.
	State() *any
	// Yield, Raise and Progress return why something isn't sent. In place of an answer
	// the caller has got an error then, which instead makes of its URI, if that isn't nil.
	Yield(part *wire.Part, instead client.Instead) error
	Raise(uri wamp.URI, part *wire.Part, instead client.Instead) error
	Progress(ctx context.Context, part *wire.Part) error
}

// ownClient is our own client on one connection.
type ownClient struct{ *client.Client }

var _ transport = ownClient{}

func (o ownClient) now() joined { return o }

// Subscribe implements [transport].
func (o ownClient) Subscribe(topic string, options wamp.Dict, handler func() client.EventHandler) error {
	return o.Client.Subscribe(topic, options, handler())
}

// Register implements [transport].
func (o ownClient) Register(procedure string, options wamp.Dict, handler func() invocationHandler) error {
	fn := handler()
	return o.Client.Register(procedure, options, func(inv *client.Invocation, r *client.Received) { fn(inv, r) })
}

// Shutdown implements [transport].
func (o ownClient) Shutdown(ctx context.Context) error { return o.Client.Shutdown(ctx) }

// Serving implements [joined].
func (ownClient) Serving(ctx context.Context) (served, bool) { return client.Serving(ctx) }
