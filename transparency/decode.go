package transparency

import "github.com/wamp-cryptobox/wamp-cryptobox-go/internal/typed"

// DecodeError says which part of a value doesn't fit into a type, and why. Path leads to the
// part, such as "[0].items[3].price", Want is the Go type there, and Why is the reason. It
// holds nothing of the value.
type DecodeError = typed.Error

// Decode puts v into what into points to. v is an argument, all arguments or the keyword
// arguments of an event, an invocation or a result, sealed or plain. Fields have their names
// by "codec" tags, then "json" tags, as they have where they are sent; fields that v doesn't
// name become zero, and names in v without a field are left out. On an error into stays as it
// was.
//
// No value becomes something else on the way:
//
//	integers        from integers, and floats that are whole, if they fit
//	floats          from floats, and integers that they hold exactly; float32 is rounded
//	string, bool    from text, from booleans
//	[]byte, [n]byte from bytes, and text that is base64 of bytes, as JSON carries them
//	slices, arrays  from lists; an array from one of its length
//	maps, structs   from maps. A struct with the option toarray: from lists too
//	time.Time       from times, and text as of RFC 3339, as JSON carries them
//	*big.Int        from integers
//	any             from everything, as it is
//	zero values     from null
//
// A type that writes itself also reads itself, if it has both methods of a pair, as the
// serializers ask for both: by UnmarshalBinary from bytes, by UnmarshalJSON or UnmarshalText
// from what JSON sends. If UnmarshalJSON refuses what isn't text, the type is taken by its
// kind, since CBOR and MessagePack send it so. Panics of methods are errors.
//
// It takes at most 128 MiB of memory, whatever v is. Errors are a [*DecodeError].
func Decode(v, into any) error {
	if err := typed.Decode(v, into); err != nil {
		return err
	}
	return nil
}
