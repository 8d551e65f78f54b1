package transport

import (
	"strings"

	"github.com/gammazero/nexus/v3/transport/serialize"
)

// Serializer is one of WAMP's serializers, as nexus implements it.
type Serializer struct {
	serialize.Serializer
	Name   string // in WebSocket subprotocols, behind "wamp.2."
	ID     serialize.Serialization
	Code   byte // in RawSocket handshakes
	Binary bool // false for JSON, where binary data is text
}

// Serializers lists them.
var Serializers = []*Serializer{
	{&serialize.JSONSerializer{}, "json", serialize.JSON, 1, false},
	{&serialize.MessagePackSerializer{}, "msgpack", serialize.MSGPACK, 2, true},
	{&serialize.CBORSerializer{}, "cbor", serialize.CBOR, 3, true},
}

// subprotocolPrefix stands before a serializer's name in its subprotocol.
const subprotocolPrefix = "wamp.2."

// Subprotocol returns the serializer of a WebSocket subprotocol, nil for an unknown one.
func Subprotocol(protocol string) *Serializer {
	if name, ok := strings.CutPrefix(protocol, subprotocolPrefix); ok {
		return Named(name)
	}
	return nil
}

// Named returns the serializer of that name, nil for an unknown one.
func Named(name string) *Serializer {
	for _, s := range Serializers {
		if s.Name == name {
			return s
		}
	}
	return nil
}
