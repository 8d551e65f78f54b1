package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// output prints what was sealed.
func (s *sealing) output(env *cryptobox.Envelope) error {
	if s.framing != nil {
		return s.message(env)
	}
	switch s.encoding {
	case capture.Raw:
		return output(env.Payload)
	case capture.Hex:
		return outputLine(hex.EncodeToString(env.Payload))
	}
	return outputLine(base64.StdEncoding.EncodeToString(env.Payload))
}

// message prints a PUBLISH that carries the payload.
func (s *sealing) message(env *cryptobox.Envelope) error {
	part := &wire.Part{Dict: wamp.Dict{}}
	if err := s.framing.Put(part, env); err != nil {
		return err
	}
	list := []any{wamp.PUBLISH, 1, part.Dict, s.uri}
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
