package codec

// Serializer is a form of values, by its WAMP name.
type Serializer string

// The serializers.
const (
	JSON        Serializer = "json"
	MessagePack Serializer = "msgpack"
	CBOR        Serializer = "cbor"
)

// Format is that of a known serializer.
func (s Serializer) Format() Format {
	switch s {
	case JSON:
		return FormatJSON
	case MessagePack:
		return FormatMessagePack
	default:
		return FormatCBOR
	}
}
