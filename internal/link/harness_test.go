package link_test

import (
	"context"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// messages is a link in the messages of nexus.
type messages struct{ link.Link }

func (l messages) Write(msg wamp.Message) error {
	return l.Link.Write(context.Background(), 0, *outOf(msg))
}

func outOf(msg wamp.Message) *message.Out {
	switch m := msg.(type) {
	case *wamp.Hello:
		return &message.Out{Type: wamp.HELLO, URI: string(m.Realm), Options: m.Details}
	case *wamp.Goodbye:
		return &message.Out{Type: wamp.GOODBYE, URI: string(m.Reason), Options: m.Details}
	case *wamp.Subscribe:
		return &message.Out{Type: wamp.SUBSCRIBE, Request: m.Request, URI: string(m.Topic), Options: m.Options}
	case *wamp.Publish:
		return &message.Out{Type: wamp.PUBLISH, Request: m.Request, URI: string(m.Topic), Options: m.Options, Args: m.Arguments, Kwargs: m.ArgumentsKw}
	case *wamp.Yield:
		return &message.Out{Type: wamp.YIELD, Request: m.Request, Options: m.Options, Args: m.Arguments}
	}
	return &message.Out{}
}

func (l messages) Read() (wamp.Message, error) {
	in := link.NewIncoming()
	defer in.Release()
	if err := l.Link.Read(in); err != nil {
		return nil, err
	}
	details, err := in.Dict()
	if err != nil {
		return nil, err
	}
	args, _, err := in.Values()
	if err != nil {
		return nil, err
	}
	switch in.Type {
	case wamp.WELCOME:
		return &wamp.Welcome{ID: in.ID, Details: details}, nil
	case wamp.ABORT:
		return &wamp.Abort{Reason: wamp.URI(in.URI), Details: details}, nil
	case wamp.GOODBYE:
		return &wamp.Goodbye{Reason: wamp.URI(in.URI), Details: details}, nil
	case wamp.PUBLISHED:
		return &wamp.Published{Request: in.Request, Publication: in.ID}, nil
	case wamp.SUBSCRIBED:
		return &wamp.Subscribed{Request: in.Request, Subscription: in.ID}, nil
	case wamp.RESULT:
		return &wamp.Result{Request: in.Request, Details: details, Arguments: args}, nil
	case wamp.EVENT:
		return &wamp.Event{Subscription: in.ID, Publication: in.Publication, Details: details, Arguments: args}, nil
	}
	return &wamp.Yield{}, nil // no message to a client
}

var serializations = map[string]serialize.Serialization{
	"json": serialize.JSON, "msgpack": serialize.MSGPACK, "cbor": serialize.CBOR,
}
