package grantor

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/passby"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Client asks a server without a router. It has of a client what package keyservice needs.
type Client struct {
	transparency.Client // nil
	server              *Server

	mu       sync.Mutex
	call     func(ctx context.Context, get []byte) (*wamp.Result, error)
	handlers map[string]client.EventHandler
	refuses  error // to subscribe
	done     chan struct{}
	calls    int
	bytes    int // of calls and their results
}

// NewClient makes one.
func NewClient(s *Server) *Client {
	return &Client{server: s, handlers: map[string]client.EventHandler{}, done: make(chan struct{})}
}

// OnCall has calls be answered by another function, nil for the server itself.
func (c *Client) OnCall(call func(ctx context.Context, get []byte) (*wamp.Result, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.call = call
}

// Refuse has subscriptions fail, nil for not.
func (c *Client) Refuse(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuses = err
}

// Never is for OnCall: no answer ever comes.
func Never(ctx context.Context, _ []byte) (*wamp.Result, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// Result is what a router hands on.
func Result(args ...any) (*wamp.Result, error) { return &wamp.Result{Arguments: args}, nil }

// Call implements [transparency.Client].
func (c *Client) Call(ctx context.Context, procedure string, _ wamp.Dict, args wamp.List, _ wamp.Dict, _ client.ProgressHandler) (*wamp.Result, error) {
	get, _ := wire.Bytes(args[0])
	if !strings.HasSuffix(procedure, passby.Get) {
		return nil, Refusal("wamp.error.no_such_procedure")
	}
	c.mu.Lock()
	call := c.call
	c.calls++
	c.mu.Unlock()
	if call == nil {
		call = c.Honest
	}
	result, err := call(ctx, get)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes += len(get)
	if err == nil && len(result.Arguments) == 1 {
		answer, _ := wire.Bytes(result.Arguments[0])
		c.bytes += len(answer)
	}
	return result, err
}

// Honest asks the server.
func (c *Client) Honest(_ context.Context, get []byte) (*wamp.Result, error) {
	answer, err := c.server.Handle(get)
	if err != nil {
		return nil, Refusal("wampbox.keyring.error." + err.Error())
	}
	return Result(answer)
}

// Refusal is an error that a call ends with.
func Refusal(uri string, args ...any) error {
	return client.RPCError{Err: &wamp.Error{Error: wamp.URI(uri), Arguments: args}, Procedure: "wampbox.keyring.get"}
}

// Counts are the calls so far, and the bytes of all gets and answers.
func (c *Client) Counts() (calls, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls, c.bytes
}

// Changed publishes a hint.
func (c *Client) Changed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for topic, handler := range c.handlers {
		if strings.HasSuffix(topic, passby.Changed) {
			handler(&wamp.Event{})
		}
	}
}

// Subscribe implements [transparency.Client].
func (c *Client) Subscribe(topic string, fn client.EventHandler, _ wamp.Dict) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuses == nil {
		c.handlers[topic] = fn
	}
	return c.refuses
}

// Unsubscribe implements [transparency.Client].
func (c *Client) Unsubscribe(topic string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.handlers, topic)
	return nil
}

// Subscriptions is how many there are.
func (c *Client) Subscriptions() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.handlers)
}

// Done implements [transparency.Client].
func (c *Client) Done() <-chan struct{} { return c.done }

// Connected implements [transparency.Client].
func (c *Client) Connected() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// End ends the session.
func (c *Client) End() { close(c.done) }

// Late is for OnCall: it answers after a time.
func (c *Client) Late(by time.Duration) func(context.Context, []byte) (*wamp.Result, error) {
	return func(ctx context.Context, get []byte) (*wamp.Result, error) {
		result, err := c.Honest(ctx, get)
		select {
		case <-time.After(by):
			return result, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
