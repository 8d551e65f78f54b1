package capture

import (
	"fmt"
	"slices"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// layout says where a message has what. Zero is nowhere: the type stands there.
type layout struct {
	dict    int // options or details
	uri     int // topic, procedure or error URI
	payload int // arguments, or binary data in place of them
}

// layouts are the messages that carry a payload (WAMP specification, "Message
// Definitions").
var layouts = map[int64]layout{
	int64(wamp.PUBLISH):    {dict: 2, uri: 3, payload: 4},
	int64(wamp.EVENT):      {dict: 3, payload: 4},
	int64(wamp.CALL):       {dict: 2, uri: 3, payload: 4},
	int64(wamp.INVOCATION): {dict: 3, payload: 4},
	int64(wamp.YIELD):      {dict: 2, payload: 3},
	int64(wamp.RESULT):     {dict: 2, payload: 3},
	int64(wamp.ERROR):      {dict: 3, uri: 4, payload: 5},
}

// message reads a list as a message of WAMP.
func message(list []any) (*Capture, error) {
	kind, lay, err := typeOf(list)
	if err != nil {
		return nil, err
	}
	part, err := partOf(list, lay)
	if err != nil {
		return nil, err
	}
	c := &Capture{Form: Message, Type: kind, URI: uriOf(list, lay, part)}
	return c, c.take(part)
}

func typeOf(list []any) (wamp.MessageType, layout, error) {
	if len(list) == 0 {
		return 0, layout{}, fmt.Errorf("%w: the list is empty", ErrCapture)
	}
	code, ok := list[0].(int64)
	if !ok {
		return 0, layout{}, fmt.Errorf("%w: the list begins with no type of message", ErrCapture)
	}
	lay, ok := layouts[code]
	kind := wamp.MessageType(code)
	switch {
	case !ok:
		return 0, layout{}, fmt.Errorf("%w: messages of type %d carry no payload; those that do are %s",
			ErrCapture, code, "PUBLISH, EVENT, CALL, INVOCATION, YIELD, RESULT and ERROR")
	case len(list) < lay.payload || len(list) > lay.payload+2:
		return 0, layout{}, fmt.Errorf("%w: a message %s has %d to %d elements, this one has %d",
			ErrCapture, kind, lay.payload, lay.payload+2, len(list))
	}
	return kind, lay, nil
}

// partOf gives what framings look at.
func partOf(list []any, lay layout) (*wire.Part, error) {
	dict, ok := list[lay.dict].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: element %d of the message is no map", ErrCapture, lay.dict)
	}
	part := &wire.Part{Dict: dict}
	rest := list[lay.payload:]
	if len(rest) > 0 {
		if raw, ok := rest[0].([]byte); ok {
			if len(rest) > 1 {
				return nil, fmt.Errorf("%w: the message goes on behind binary data", ErrCapture)
			}
			part.Raw = slices.Clip(raw)
			return part, nil
		}
		if part.Args, ok = rest[0].([]any); !ok && rest[0] != nil {
			return nil, fmt.Errorf("%w: element %d of the message is no list", ErrCapture, lay.payload)
		}
	}
	if len(rest) > 1 {
		var kwargs map[string]any
		if kwargs, ok = rest[1].(map[string]any); !ok && rest[1] != nil {
			return nil, fmt.Errorf("%w: element %d of the message is no map", ErrCapture, lay.payload+1)
		}
		part.Kwargs = kwargs
	}
	return part, nil
}

// uriOf gives the URI that a message names, in its place or in its details.
func uriOf(list []any, lay layout, part *wire.Part) string {
	if lay.uri != 0 {
		uri, _ := list[lay.uri].(string)
		return uri
	}
	for _, name := range []string{"topic", "procedure"} {
		if uri, ok := part.Dict[name].(string); ok {
			return uri
		}
	}
	return ""
}
