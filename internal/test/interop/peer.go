package interop

import (
	"context"
	"fmt"
	"maps"
)

// Serializer is the encoding of a session's messages.
type Serializer string

// The serializers that a [Node] offers.
const (
	JSON        Serializer = "json"
	MessagePack Serializer = "msgpack"
	CBOR        Serializer = "cbor"
)

// Serializers returns all of them.
func Serializers() []Serializer { return []Serializer{JSON, MessagePack, CBOR} }

// Key is an entry of Autobahn's KeyRing: the keys for URIs that begin with
// URI, in base64. A private key makes its public one needless.
type Key struct {
	URI            string `json:"uri"`
	OriginatorPriv string `json:"originator_priv,omitempty"`
	OriginatorPub  string `json:"originator_pub,omitempty"`
	ResponderPriv  string `json:"responder_priv,omitempty"`
	ResponderPub   string `json:"responder_pub,omitempty"`
}

// Config says how a session joins. Without keys it has no payload codec.
type Config struct {
	URL        string     // "ws://…", or "rs://…" for RawSocket
	Realm      string     // [Realm] if empty
	Serializer Serializer // [JSON] if empty
	Keys       []Key
	DefaultKey string // one private key for both roles, under all URIs
	EncKey     string // sent as enc_key, which Autobahn's own KeyRing never does
}

// Peer is an Autobahn session in a [Python] process. Its methods may be called
// from several goroutines. Those that wait return the context's error.
type Peer struct {
	python  *Python
	name    string
	welcome Welcome

	// What the session reported, until a test asks for it.
	events, invocations chan *Received
	warnings            chan *string
	left                chan *Goodbye
}

// manyReports is more than a test leaves unread.
const manyReports = 4096

// Welcome is what the router said when a session joined.
type Welcome struct {
	SessionID  uint64                     `json:"session_id"`
	Serializer Serializer                 `json:"serializer"`
	Roles      map[string]map[string]bool `json:"roles"` // features by role
}

// Join opens a session. The error is an [*Error] when the router refuses it.
func (p *Python) Join(ctx context.Context, cfg Config) (*Peer, error) {
	if cfg.Realm == "" {
		cfg.Realm = Realm
	}
	if cfg.Serializer == "" {
		cfg.Serializer = JSON
	}
	peer := &Peer{
		python: p, events: make(chan *Received, manyReports), invocations: make(chan *Received, manyReports),
		warnings: make(chan *string, manyReports), left: make(chan *Goodbye, manyReports),
	}
	p.mu.Lock()
	p.last++
	peer.name = fmt.Sprintf("session %d", p.last)
	p.peers[peer.name] = peer
	p.mu.Unlock()
	err := peer.do(ctx, "join", command{
		"url": cfg.URL, "realm": cfg.Realm, "serializer": cfg.Serializer,
		"keys": cfg.Keys, "default_key": cfg.DefaultKey, "enc_key": cfg.EncKey,
	}, &peer.welcome)
	if err != nil {
		return nil, err
	}
	return peer, nil
}

// do sends a command to the session.
func (p *Peer) do(ctx context.Context, op string, cmd command, result any) error {
	cmd["op"], cmd["session"] = op, p.name
	return p.python.do(ctx, cmd, nil, result)
}

// take files a report of the session.
func (p *Peer) take(m message) {
	switch {
	case m.Event != nil:
		p.events <- m.Event
	case m.Invocation != nil:
		p.invocations <- m.Invocation
	case m.Left != nil:
		p.left <- m.Left
	default:
		p.warnings <- &m.Warning
	}
}

// Welcome returns what the router said when the session joined.
func (p *Peer) Welcome() Welcome { return p.welcome }

// Leave ends the session and returns when its connection is closed.
func (p *Peer) Leave(ctx context.Context) error {
	return p.do(ctx, "leave", command{}, &struct{}{})
}

// Register registers a procedure that behaves in the given way. Options may be
// nil or have "match".
func (p *Peer) Register(ctx context.Context, procedure string, b Behaviour, options map[string]any) error {
	behaviour, err := plain(b.fields)
	if err != nil {
		return err
	}
	cmd := command{"procedure": procedure, "behaviour": behaviour}
	maps.Copy(cmd, options)
	return p.do(ctx, "register", cmd, &struct{}{})
}

// Subscribe subscribes to a topic; [Peer.Event] gives what comes. Options may
// be nil or have "match" and "get_retained".
func (p *Peer) Subscribe(ctx context.Context, topic string, options map[string]any) error {
	cmd := command{"topic": topic}
	maps.Copy(cmd, options)
	return p.do(ctx, "subscribe", cmd, &struct{}{})
}

// Publication is what a publisher learns of an acknowledged event.
type Publication struct {
	ID        uint64 `json:"publication"`
	Encrypted bool   `json:"was_encrypted"`
}

// Publish publishes an event and waits for its acknowledgement. Options may be
// nil or have the attributes of Autobahn's PublishOptions.
func (p *Peer) Publish(ctx context.Context, topic string, args []any, kwargs, options map[string]any) (Publication, error) {
	cmd, err := payload(args, kwargs)
	if err != nil {
		return Publication{}, err
	}
	cmd["topic"], cmd["options"] = topic, options
	var publication Publication
	err = p.do(ctx, "publish", cmd, &publication)
	return publication, err
}

// Call calls a procedure and returns its result. The error is an [*Error] for
// a WAMP error. With a function for progress the call asks for progressive
// results; it runs in the process's reader and must not wait for the process.
func (p *Peer) Call(ctx context.Context, procedure string, args []any, kwargs map[string]any, progress func(Received)) (Received, error) {
	cmd, err := payload(args, kwargs)
	if err != nil {
		return Received{}, err
	}
	cmd["procedure"], cmd["progress"] = procedure, progress != nil
	cmd["op"], cmd["session"] = "call", p.name
	var result Received
	err = p.python.do(ctx, cmd, progress, &result)
	return result, err
}

// Event waits for the next event of any subscription.
func (p *Peer) Event(ctx context.Context) (Received, error) { return next(ctx, p.events) }

// Invocation waits for the next invocation of any registered procedure, which
// may have been answered by then.
func (p *Peer) Invocation(ctx context.Context) (Received, error) { return next(ctx, p.invocations) }

// Warning waits for Autobahn's next warning: of an event it drops for it can't
// open it, for one.
func (p *Peer) Warning(ctx context.Context) (string, error) { return next(ctx, p.warnings) }

// Left waits for the session's end and returns the reason.
func (p *Peer) Left(ctx context.Context) (Goodbye, error) { return next(ctx, p.left) }

// next waits for the session's next report of a kind.
func next[T any](ctx context.Context, reports <-chan *T) (report T, err error) {
	select {
	case r := <-reports:
		return *r, nil
	case <-ctx.Done():
		return report, context.Cause(ctx)
	}
}

func payload(args []any, kwargs map[string]any) (command, error) {
	a, err := plain(args)
	if err != nil {
		return nil, err
	}
	k, err := plain(kwargs)
	if err != nil {
		return nil, err
	}
	return command{"args": a, "kwargs": k}, nil
}
