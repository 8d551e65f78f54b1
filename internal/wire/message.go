package wire

import "github.com/gammazero/nexus/v3/wamp"

// fields are where a message keeps its part.
type fields struct {
	dict   *wamp.Dict
	args   *wamp.List
	kwargs *wamp.Dict
}

// partFields is the one table of the seven messages that carry a payload. It
// works on a copy of msg, which may be shared.
func partFields(msg wamp.Message) (wamp.Message, fields, bool) {
	switch m := msg.(type) {
	case *wamp.Publish:
		c := *m
		return &c, fields{&c.Options, &c.Arguments, &c.ArgumentsKw}, true
	case *wamp.Event:
		c := *m
		return &c, fields{&c.Details, &c.Arguments, &c.ArgumentsKw}, true
	case *wamp.Call:
		c := *m
		return &c, fields{&c.Options, &c.Arguments, &c.ArgumentsKw}, true
	case *wamp.Invocation:
		c := *m
		return &c, fields{&c.Details, &c.Arguments, &c.ArgumentsKw}, true
	case *wamp.Yield:
		c := *m
		return &c, fields{&c.Options, &c.Arguments, &c.ArgumentsKw}, true
	case *wamp.Result:
		c := *m
		return &c, fields{&c.Details, &c.Arguments, &c.ArgumentsKw}, true
	case *wamp.Error:
		c := *m
		return &c, fields{&c.Details, &c.Arguments, &c.ArgumentsKw}, true
	}
	return msg, fields{}, false
}

// PartOf returns the part of msg, or false where it is none of the seven
// messages that carry a payload: PUBLISH, EVENT, CALL, INVOCATION, YIELD,
// RESULT, ERROR.
func PartOf(msg wamp.Message) (*Part, bool) {
	_, f, ok := partFields(msg)
	if !ok {
		return nil, false
	}
	part := &Part{Dict: *f.dict, Args: *f.args, Kwargs: *f.kwargs}
	if raw, ok := only[Raw](part.Args); ok {
		part.Args, part.Raw = nil, raw
	}
	return part, true
}

// In returns a copy of msg, one of the seven, with the part p.
func (p *Part) In(msg wamp.Message) wamp.Message {
	changed, f, ok := partFields(msg)
	if !ok {
		return msg
	}
	*f.dict, *f.args, *f.kwargs = p.Dict, p.Args, p.Kwargs
	if p.Raw != nil {
		*f.args = wamp.List{Raw(p.Raw)}
	}
	return changed
}

// Raw as the only element of Arguments stands for binary data in place of the
// list: between a framing and what writes and reads messages.
type Raw []byte

// only returns the only element of args, where it is of type T.
func only[T any](args wamp.List) (value T, ok bool) {
	if len(args) != 1 {
		return value, false
	}
	value, ok = args[0].(T)
	return value, ok
}
