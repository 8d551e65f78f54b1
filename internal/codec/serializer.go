package codec

// Serializer is a form of values, by its WAMP name.
type Serializer string

// The serializers.
const (
	JSON        Serializer = "json"
	MessagePack Serializer = "msgpack"
	CBOR        Serializer = "cbor"
)

// formats are those of the serializers, by index.
var formats = [...]format{jsonFormat{}, messagePackFormat{}, cborFormat{}}

// index is that of a known serializer.
func (s Serializer) index() int {
	switch s {
	case JSON:
		return 0
	case MessagePack:
		return 1
	default:
		return 2
	}
}
