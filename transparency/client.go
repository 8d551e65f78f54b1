package transparency

import (
	"context"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/stdlog"
	"github.com/gammazero/nexus/v3/wamp"
)

// Client is the method set of nexus's client.Client. A [Session] has it too, so that an
// application written against Client switches to sealed payloads where it connects: some
// seven lines (README).
type Client interface {
	// Publish publishes an event to the topic.
	Publish(topic string, options wamp.Dict, args wamp.List, kwargs wamp.Dict) error
	// Subscribe has fn called with the events of the topic or topic pattern.
	Subscribe(topic string, fn client.EventHandler, options wamp.Dict) error
	// SubscribeChan writes the events of the topic or topic pattern to a channel.
	SubscribeChan(topic string, events chan<- *wamp.Event, options wamp.Dict) error
	// SubscriptionID returns the id of the subscription to the topic.
	SubscriptionID(topic string) (subID wamp.ID, ok bool)
	// Unsubscribe ends the subscription to the topic.
	Unsubscribe(topic string) error

	// Call calls the procedure and waits for its result.
	Call(ctx context.Context, procedure string, options wamp.Dict, args wamp.List, kwargs wamp.Dict, progcb client.ProgressHandler) (*wamp.Result, error)
	// CallProgressive calls the procedure with a payload in chunks.
	CallProgressive(ctx context.Context, procedure string, sendProg client.SendProgressiveData, progcb client.ProgressHandler) (*wamp.Result, error)
	// SetCallCancelMode sets how calls are cancelled.
	SetCallCancelMode(cancelMode string) error

	// Register has fn called with the invocations of the procedure.
	Register(procedure string, fn client.InvocationHandler, options wamp.Dict) error
	// RegistrationID returns the id of the registration of the procedure.
	RegistrationID(procedure string) (regID wamp.ID, ok bool)
	// Unregister ends the registration of the procedure.
	Unregister(procedure string) error
	// SendProgress sends a progressive result from within a handler.
	SendProgress(ctx context.Context, args wamp.List, kwArgs wamp.Dict) error

	// ID returns the WAMP session id.
	ID() wamp.ID
	// Connected reports whether the client receives from the router.
	Connected() bool
	// Done is closed when the client has ended.
	Done() <-chan struct{}
	// Close leaves the realm and closes the connection.
	Close() error
	// RouterGoodbye returns the router's GOODBYE after Done is closed.
	RouterGoodbye() *wamp.Goodbye
	// RealmDetails returns the details of the router's WELCOME.
	RealmDetails() wamp.Dict
	// HasFeature reports whether the router announced the feature for the role.
	HasFeature(role, feature string) bool
	// Logger returns the client's logger.
	Logger() stdlog.StdLog
}

var (
	_ Client = (*client.Client)(nil)
	_ Client = (*Session)(nil)
)
