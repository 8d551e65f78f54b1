package wire

import "github.com/gammazero/nexus/v3/wamp"

// fields are where a message keeps its part.
type fields struct {
	dict   *wamp.Dict
	args   *wamp.List
	kwargs *wamp.Dict
}

// partFields is the one table of the seven messages that carry a payload. With own
// set it works on a copy of msg, which may be shared: fields of msg itself are for
// reading.
func partFields(msg wamp.Message, own bool) (wamp.Message, fields, bool) {
	switch m := msg.(type) {
	case *wamp.Publish:
		m = copied(m, own)
		return m, fields{&m.Options, &m.Arguments, &m.ArgumentsKw}, true
	case *wamp.Event:
		m = copied(m, own)
		return m, fields{&m.Details, &m.Arguments, &m.ArgumentsKw}, true
	case *wamp.Call:
		m = copied(m, own)
		return m, fields{&m.Options, &m.Arguments, &m.ArgumentsKw}, true
	case *wamp.Invocation:
		m = copied(m, own)
		return m, fields{&m.Details, &m.Arguments, &m.ArgumentsKw}, true
	case *wamp.Yield:
		m = copied(m, own)
		return m, fields{&m.Options, &m.Arguments, &m.ArgumentsKw}, true
	case *wamp.Result:
		m = copied(m, own)
		return m, fields{&m.Details, &m.Arguments, &m.ArgumentsKw}, true
	case *wamp.Error:
		m = copied(m, own)
		return m, fields{&m.Details, &m.Arguments, &m.ArgumentsKw}, true
	}
	return msg, fields{}, false
}

func copied[M any](m *M, own bool) *M {
	if !own {
		return m
	}
	c := *m
	return &c
}

// PartOf returns the part of msg, or false where it is none of the seven
// messages that carry a payload: PUBLISH, EVENT, CALL, INVOCATION, YIELD,
// RESULT, ERROR.
func PartOf(msg wamp.Message) (*Part, bool) {
	_, f, ok := partFields(msg, false)
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
	changed, f, ok := partFields(msg, true)
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
