package link

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// readLocal fills in what a local link brings. Of a message that no router sends to a client
// that is the type alone.
func (in *Incoming) readLocal(msg wamp.Message) {
	in.Type = msg.MessageType()
	switch m := msg.(type) {
	case *wamp.Welcome:
		in.ID, in.details = m.ID, m.Details
	case *wamp.Abort:
		in.URI, in.details = string(m.Reason), m.Details
	case *wamp.Challenge:
		in.URI, in.details = m.AuthMethod, m.Extra
	case *wamp.Goodbye:
		in.URI, in.details = string(m.Reason), m.Details
	case *wamp.Published:
		in.Request, in.ID = m.Request, m.Publication
	case *wamp.Subscribed:
		in.Request, in.ID = m.Request, m.Subscription
	case *wamp.Unsubscribed:
		in.Request = m.Request
	case *wamp.Registered:
		in.Request, in.ID = m.Request, m.Registration
	case *wamp.Unregistered:
		in.Request = m.Request
	case *wamp.Interrupt:
		in.Request, in.details = m.Request, m.Options
	case *wamp.Error:
		in.Answers, in.Request, in.URI = m.Type, m.Request, string(m.Error)
		in.details, in.args, in.kwargs = m.Details, m.Arguments, m.ArgumentsKw
	case *wamp.Event:
		in.ID, in.Publication = m.Subscription, m.Publication
		in.details, in.args, in.kwargs = m.Details, m.Arguments, m.ArgumentsKw
	case *wamp.Invocation:
		in.Request, in.ID = m.Request, m.Registration
		in.details, in.args, in.kwargs = m.Details, m.Arguments, m.ArgumentsKw
	case *wamp.Result:
		in.Request = m.Request
		in.details, in.args, in.kwargs = m.Details, m.Arguments, m.ArgumentsKw
	}
}

// outgoing is m as a local link carries it, or nil where no client sends it.
func outgoing(m *message.Out) wamp.Message {
	options := m.Options
	if options == nil {
		options = wamp.Dict{}
	}
	switch m.Type {
	case wamp.HELLO:
		return &wamp.Hello{Realm: wamp.URI(m.URI), Details: options}
	case wamp.AUTHENTICATE:
		return &wamp.Authenticate{Signature: m.URI, Extra: options}
	case wamp.ABORT:
		return &wamp.Abort{Details: options, Reason: wamp.URI(m.URI)}
	case wamp.GOODBYE:
		return &wamp.Goodbye{Details: options, Reason: wamp.URI(m.URI)}
	case wamp.SUBSCRIBE:
		return &wamp.Subscribe{Request: m.Request, Options: options, Topic: wamp.URI(m.URI)}
	case wamp.UNSUBSCRIBE:
		return &wamp.Unsubscribe{Request: m.Request, Subscription: m.ID}
	case wamp.REGISTER:
		return &wamp.Register{Request: m.Request, Options: options, Procedure: wamp.URI(m.URI)}
	case wamp.UNREGISTER:
		return &wamp.Unregister{Request: m.Request, Registration: m.ID}
	case wamp.PUBLISH:
		return &wamp.Publish{Request: m.Request, Options: options, Topic: wamp.URI(m.URI), Arguments: m.Args, ArgumentsKw: m.Kwargs}
	case wamp.CALL:
		return &wamp.Call{Request: m.Request, Options: options, Procedure: wamp.URI(m.URI), Arguments: m.Args, ArgumentsKw: m.Kwargs}
	case wamp.CANCEL:
		return &wamp.Cancel{Request: m.Request, Options: options}
	case wamp.YIELD:
		return &wamp.Yield{Request: m.Request, Options: options, Arguments: m.Args, ArgumentsKw: m.Kwargs}
	case wamp.ERROR:
		return &wamp.Error{Type: m.Answers, Request: m.Request, Details: options, Error: wamp.URI(m.URI), Arguments: m.Args, ArgumentsKw: m.Kwargs}
	}
	return nil
}
