package capture

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// one takes a message, or arguments. The error says why there is none. A message of WAMP
// without a payload is counted.
func (f *finder) one(s serialize.Serialization, data []byte) (found bool, err error) {
	c, err := read(s, data)
	switch {
	case err == nil:
	case errors.Is(err, ErrCapture):
		if errors.Is(err, errNone) {
			f.Passed++
		}
		return false, err
	default: // parts of an envelope
		c = &Capture{Form: Message, Err: err}
	}
	f.add(c)
	return true, nil
}

// binary takes messages in MessagePack or CBOR, one after another. Random bytes are now and
// then a value, but never a message.
func (f *finder) binary(data []byte) bool {
	return f.sequence(serialize.MSGPACK, data) || f.sequence(serialize.CBOR, data)
}

func (f *finder) sequence(s serialize.Serialization, data []byte) bool {
	c, err := message.New(s)
	if err != nil {
		return false
	}
	rest, before, passed := data, len(f.Captures), f.Passed
	for len(rest) > 0 && !f.full {
		end := c.Skip(rest)
		if end < 0 {
			break
		}
		if found, err := f.one(s, rest[:end]); !found && !errors.Is(err, errNone) {
			break
		}
		rest = rest[end:]
	}
	const chance = 12 // bytes of a payload may be a message by chance, if no more stands behind them
	read := len(data) - len(rest)
	switch found := len(f.Captures) > before; {
	case len(rest) == 0 && (found || f.Passed > passed):
		return true
	case found && read >= chance:
		f.Left += len(rest)
		return true
	}
	f.Captures, f.Passed = f.Captures[:before], passed
	return false
}

// around makes a RESULT of keyword arguments, so that there is one reader for both.
var around = map[serialize.Serialization]struct{ before, behind string }{
	serialize.JSON:    {`[50,1,{},[],`, `]`},
	serialize.MSGPACK: {"\x95\x32\x01\x80\x90", ""},
	serialize.CBOR:    {"\x85\x18\x32\x01\xa0\x80", ""},
}

// read reads a message, or arguments alone.
func read(s serialize.Serialization, data []byte) (*Capture, error) {
	c, err := message.New(s)
	if err != nil {
		return nil, err
	}
	alone := isMap(s, data)
	if alone {
		data = slices.Concat([]byte(around[s].before), data, []byte(around[s].behind))
	}
	var in message.In
	known, err := c.ReadCarrying(data, &in)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrCapture, err)
	case !known && isMessage(typeOf(s, data)):
		return nil, errNone
	case !known:
		return nil, fmt.Errorf("%w: it is a list, and no message of WAMP", ErrCapture)
	}
	part, err := partOf(c, &in)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCapture, err)
	}
	if alone {
		found, err := argumentsOf(part.Kwargs)
		if err != nil {
			return nil, err
		}
		found.Serializer = c.Name()
		return found, nil
	}
	found := &Capture{Form: Message, Serializer: c.Name(), Type: in.Type, URI: uriOf(&in, part)}
	return found, found.take(part)
}

func isMap(s serialize.Serialization, data []byte) bool {
	switch s {
	case serialize.JSON:
		return data[0] == '{'
	case serialize.MSGPACK:
		return codec.MessagePackHead(data, 0).Kind == codec.KindMap
	}
	return codec.CBORHead(data, 0).Kind == codec.KindMap
}

// partOf gives what dialects look at.
func partOf(c *message.Codec, in *message.In) (part *wire.Part, err error) {
	part = new(wire.Part)
	if part.Dict, err = c.Dict(in.Details); err != nil {
		return nil, err
	}
	if binary, ok := c.BinaryValue(in.Payload.Args); ok && in.Payload.Kwargs == nil {
		part.Raw = binary
		return part, nil
	}
	part.Args, part.Kwargs, err = c.Values(&in.Payload)
	return part, err
}

// uriOf gives the URI that a message names, in its place or in its details.
func uriOf(in *message.In, part *wire.Part) string {
	if in.URI != "" {
		return in.URI
	}
	for _, name := range []string{"topic", wamp.OptProcedure} {
		if uri, ok := part.Dict[name].(string); ok {
			return uri
		}
	}
	return ""
}

// argumentsOf reads arguments of both kinds, or keyword arguments.
func argumentsOf(object map[string]any) (*Capture, error) {
	part := new(wire.Part)
	var isList, isMap bool
	part.Args, isList = object["args"].([]any)
	part.Kwargs, isMap = object["kwargs"].(map[string]any)
	args, hasArgs := object["args"]
	kwargs, hasKwargs := object["kwargs"]
	if !hasArgs || !hasKwargs || len(object) != 2 || !isList && args != nil || !isMap && kwargs != nil {
		return encArgument(object)
	}
	c := &Capture{Form: Arguments}
	return c, c.take(part)
}

// encArgument reads keyword arguments that hold an enc argument, or the map that one of
// format 1 was.
func encArgument(kwargs map[string]any) (*Capture, error) {
	c := &Capture{Form: EncArgument}
	switch _, found := kwargs[wire.EncName]; {
	case found:
		return c, c.take(&wire.Part{Kwargs: kwargs})
	case isFormat1(kwargs):
		c.Format1 = true
		return c, nil
	}
	if _, printed := kwargs["sealed"].(bool); printed {
		return nil, fmt.Errorf("%w: it is what wampbox sub or call prints, which is opened already", ErrCapture)
	}
	return nil, fmt.Errorf("%w: the map has neither an enc argument nor args and kwargs", ErrCapture)
}

// take takes the envelope out of a part.
func (c *Capture) take(part *wire.Part) error {
	if enc, ok := part.Kwargs[wire.EncName].(map[string]any); ok && isFormat1(enc) {
		c.Format1 = true
		return nil
	}
	env, err := wire.Take(part)
	if err != nil || env == nil {
		return err
	}
	c.Payload, c.Dialect, c.Algorithm, c.KeyID = env.Payload, env.Dialect.String(), env.Algorithm, env.KeyID
	if !env.Dialect.Foreign() {
		c.ours()
	}
	return nil
}

// isFormat1 tells whether a map is the enc argument of the format before this one.
func isFormat1(enc map[string]any) bool {
	for _, name := range []string{"algo", "serializer", "payload"} {
		if _, found := enc[name]; !found {
			return false
		}
	}
	return true
}
