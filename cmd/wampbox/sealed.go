package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// outputPayload prints a payload alone.
func outputPayload(payload []byte, encoding capture.Encoding) error {
	switch encoding {
	case capture.Raw:
		return output(payload)
	case capture.Hex:
		return outputLine(hex.EncodeToString(payload))
	}
	return outputLine(base64.StdEncoding.EncodeToString(payload))
}

// outputMessage prints a PUBLISH or CALL that carries a payload.
func outputMessage(kind wamp.MessageType, uri string, env *wire.Envelope) error {
	part := &wire.Part{Dict: wamp.Dict{}}
	wire.Put(part, env)
	list := []any{kind, 1, part.Dict, uri}
	switch {
	case part.Raw != nil:
		list = append(list, serialize.BinaryData(part.Raw))
	case part.Kwargs != nil:
		list = append(list, part.Args, part.Kwargs)
	default:
		list = append(list, part.Args)
	}
	data, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return output(append(data, '\n'))
}
