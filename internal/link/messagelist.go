package link

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// list returns a message that carries a payload as the list that it is on the wire
// (WAMP specification, "Message Definitions"), nil for any other message. It returns
// false for one with arguments that never leave the process.
func (c *Codec) list(msg wamp.Message) (list []any, ok bool) {
	list, args, kwargs := headOf(msg)
	if list == nil {
		return nil, true
	}
	if err := wire.Foreign(args); err != nil {
		raw, ok := args[0].(wire.Raw)
		if !ok || raw == nil || len(args) != 1 {
			return nil, false
		}
		return append(list, c.binary(raw)), true
	}
	switch {
	case len(kwargs) > 0 && args == nil:
		return append(list, []any{}, map[string]any(kwargs)), true // nil would be written as null
	case len(kwargs) > 0:
		return append(list, []any(args), map[string]any(kwargs)), true
	case len(args) > 0:
		return append(list, []any(args)), true
	}
	return list, true
}

// headOf returns what stands before the payload in the messages that carry one, with
// room for it, and the payload. Its types are those that serializers know best.
func headOf(msg wamp.Message) (head []any, args wamp.List, kwargs wamp.Dict) {
	list := func(items ...any) []any {
		return append(append(make([]any, 0, 7), int64(msg.MessageType())), items...)
	}
	switch m := msg.(type) {
	case *wamp.Publish:
		return list(uint64(m.Request), present(m.Options), string(m.Topic)), m.Arguments, m.ArgumentsKw
	case *wamp.Event:
		return list(uint64(m.Subscription), uint64(m.Publication), present(m.Details)), m.Arguments, m.ArgumentsKw
	case *wamp.Call:
		return list(uint64(m.Request), present(m.Options), string(m.Procedure)), m.Arguments, m.ArgumentsKw
	case *wamp.Invocation:
		return list(uint64(m.Request), uint64(m.Registration), present(m.Details)), m.Arguments, m.ArgumentsKw
	case *wamp.Yield:
		return list(uint64(m.Request), present(m.Options)), m.Arguments, m.ArgumentsKw
	case *wamp.Result:
		return list(uint64(m.Request), present(m.Details)), m.Arguments, m.ArgumentsKw
	case *wamp.Error:
		return list(int64(m.Type), uint64(m.Request), present(m.Details), string(m.Error)), m.Arguments, m.ArgumentsKw
	}
	return nil, nil, nil
}

// present never is nil, which would be written as null.
func present(dict wamp.Dict) map[string]any {
	if dict == nil {
		return map[string]any{}
	}
	return dict
}
