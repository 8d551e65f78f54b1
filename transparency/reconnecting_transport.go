package transparency

import (
	"context"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// What a Session has sent goes over the present connection, lost or not.

var _ transport = (*reconnecting)(nil)

// Close implements [transport].
func (r *reconnecting) Close() error {
	c, _, err := r.close()
	if err != nil {
		return err
	}
	return c.Close()
}

// Shutdown implements [transport].
func (r *reconnecting) Shutdown(ctx context.Context) error {
	c, earlier, err := r.close()
	if err != nil {
		return err
	}
	return c.Client.Shutdown(ctx, earlier...)
}

// Err implements [transport].
func (r *reconnecting) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	return r.current.Load().Err()
}

// Ready implements [transport].
func (r *reconnecting) Ready() error {
	c := r.current.Load()
	if !c.Connected() {
		return notReady(r.Err())
	}
	return r.incomplete(c)
}

// Connected implements [transport].
func (r *reconnecting) Connected() bool { return r.current.Load().Connected() }

// Done implements [transport].
func (r *reconnecting) Done() <-chan struct{} { return r.done }

// SetCallCancelMode implements [transport].
func (r *reconnecting) SetCallCancelMode(mode string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.current.Load().SetCallCancelMode(mode)
	if err == nil {
		r.cancelMode = mode
	}
	return err
}

// Subscribe implements [transport].
func (r *reconnecting) Subscribe(topic string, options wamp.Dict, handler func() client.EventHandler) error {
	return r.establish(&standing{op: opSubscribe, uri: topic, match: matchOf(options), begin: func(c *connection) error {
		return c.Subscribe(topic, options, func() client.EventHandler {
			fn := handler()
			return func(e *client.Event) {
				<-c.prior // one event at a time, and in order
				fn(e)
			}
		})
	}})
}

// Unsubscribe implements [transport].
func (r *reconnecting) Unsubscribe(topic string) error {
	return r.withdraw(opSubscribe, topic, func(c *connection) error { return c.Unsubscribe(topic) })
}

// Register implements [transport].
func (r *reconnecting) Register(procedure string, options wamp.Dict, handler func() invocationHandler) error {
	return r.establish(&standing{op: opRegister, uri: procedure, match: matchOf(options), begin: func(c *connection) error {
		return c.Register(procedure, options, handler)
	}})
}

// Unregister implements [transport].
func (r *reconnecting) Unregister(procedure string) error {
	return r.withdraw(opRegister, procedure, func(c *connection) error { return c.Unregister(procedure) })
}

// Put implements [transport].
func (r *reconnecting) Put(part *wire.Part, env *cryptobox.Envelope) error {
	return r.current.Load().Put(part, env)
}

// Publish implements [transport].
func (r *reconnecting) Publish(topic string, part *wire.Part) error {
	return r.current.Load().Publish(topic, part)
}

// Call implements [transport].
func (r *reconnecting) Call(ctx context.Context, procedure string, part *wire.Part, onProgress client.ProgressHandler) (client.Result, error) {
	return r.current.Load().Call(ctx, procedure, part, onProgress)
}

// CallProgressive implements [transport].
func (r *reconnecting) CallProgressive(ctx context.Context, procedure string, next client.ChunkSource, onProgress client.ProgressHandler) (client.Result, error) {
	return r.current.Load().CallProgressive(ctx, procedure, next, onProgress)
}

// Serving implements [transport].
func (r *reconnecting) Serving(ctx context.Context) (served, bool) {
	return r.current.Load().Serving(ctx)
}

// SubscriptionID implements [transport].
func (r *reconnecting) SubscriptionID(topic string) (wamp.ID, bool) {
	return r.current.Load().SubscriptionID(topic)
}

// RegistrationID implements [transport].
func (r *reconnecting) RegistrationID(procedure string) (wamp.ID, bool) {
	return r.current.Load().RegistrationID(procedure)
}

// ID implements [transport].
func (r *reconnecting) ID() wamp.ID { return r.current.Load().ID() }

// RouterGoodbye implements [transport].
func (r *reconnecting) RouterGoodbye() *wamp.Goodbye { return r.current.Load().RouterGoodbye() }

// RealmDetails implements [transport].
func (r *reconnecting) RealmDetails() wamp.Dict { return r.current.Load().RealmDetails() }

// HasFeature implements [transport].
func (r *reconnecting) HasFeature(role, feature string) bool {
	return r.current.Load().HasFeature(role, feature)
}
