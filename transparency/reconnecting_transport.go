package transparency

import (
	"context"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
)

var _ transport = (*reconnecting)(nil)

func (r *reconnecting) now() joined { return r.current.Load() }

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
