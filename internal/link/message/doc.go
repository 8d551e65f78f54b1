// Package message turns the bytes that a router sends into WAMP messages ([In]), and WAMP
// messages ([Out]) into the bytes that it gets. Call [New] with a serialization, then Read and
// Append:
//
//	codec, err := message.New(serialize.CBOR)
//	...
//	var in message.In
//	ok, err := codec.Read(data, &in) // payload and details stay raw
//	args, kwargs, err := codec.Values(&in.Payload)
//	...
//	buf, err = codec.Append(buf[:0], &message.Out{
//		Type: wamp.CALL, Request: 1, URI: "com.example.add", Args: wamp.List{2, 3},
//	})
//
// # What is checked when
//
// [Codec.Read] goes over a message once. After that its structure is known to be sound. It is
// nested no deeper than nexus's serializers read, and takes no more memory than allowed once it
// is decoded. [Codec.Values] decodes the values of a payload later. Another client wrote these
// values, so the connection must not end if one of them can't be decoded.
//
// # Values
//
// Values are written and read as nexus's serializers write and read them, the types of
// numbers included. What differs:
//
//   - If several entries of a map have the same key, the last one is kept. nexus decodes each
//     into the value of the one before, so that maps are merged and text may become a number.
//   - Keys of maps are text, binary data or null. nexus also reads lists of small numbers as
//     keys. In CBOR it reads a key of any other kind as text: it takes the number at the key's
//     beginning for the length of that text.
//   - CBOR's negative integers below those of 64 bits, and its tags 4 and 5 (decimals),
//     can't be decoded. nexus reads the lowest as 0, and decimals only in a form that
//     CBOR doesn't have.
//   - JSON can write one character as two escapes of six bytes, a surrogate pair. If
//     one of the two stands alone, that one and the six bytes behind it become one U+FFFD, as
//     nexus has it. If the text ends within these six bytes, or another escape is among them,
//     the text can't be decoded. nexus reads on as if the text went further.
package message
