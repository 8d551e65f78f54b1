// Package message reads and writes WAMP messages: bytes to and from a router on one
// side, [In] and [Out] on the other.
//
//	codec, err := message.New(serialize.CBOR)
//	...
//	var in message.In
//	ok, err := codec.Read(data, &in) // payload and details stay raw
//	args, kwargs, err := codec.Values(&in.Payload)
//	...
//	buf, err = codec.Append(buf[:0], &message.Out{Type: wamp.CALL, Request: 1, URI: "com.example.add", Args: wamp.List{2, 3}})
//
// # What is checked when
//
// [Codec.Read] goes over a message once. After that its structure is known to be sound. It is
// nested no deeper than nexus's serializers read, and takes no more memory than allowed once it
// is decoded. [Codec.Values] decodes the values of a payload later: another client wrote them,
// so a value that can't be decoded must not end the connection.
//
// # Values
//
// Values are written and read as nexus's serializers write and read them, the types of
// numbers included. What differs:
//
//   - The last of several entries with one key counts. nexus decodes it into the value
//     of the one before, so that maps are merged and text may become a number.
//   - Keys of maps are text, binary data or null. nexus also reads lists of small
//     numbers, and takes anything else in CBOR for text of some length.
//   - CBOR's negative integers below those of 64 bits, and its tags 4 and 5 (decimals),
//     can't be decoded. nexus reads the lowest as 0, and decimals only in a form that
//     CBOR doesn't have.
//   - Half of a surrogate pair in JSON takes the six bytes behind it with it. If the text has
//     fewer bytes, or these are part of another escape, it can't be decoded. nexus reads on as
//     if the text went further.
package message
