// Package typed puts values as they arrive, lists and maps of plain kinds, into the types of
// an application, by the rules by which nexus's serializers write these types: fields by
// "codec" and then "json" tags, and the same methods.
//
// No library does that without making other values of some. ugorji's codec, which writes
// them, takes an integer for the length of a text in CBOR, text for the bytes that its base64
// stands for, and numbers for text in JSON; mapstructure wraps integers that don't fit, and
// fills fields whose tag is "-" by a key of that name. Neither says where by a path without
// keys. Only methods of ugorji's own kind (codec.Selfer) are left to it.
//
// What comes in is taken for hostile: nothing panics, and memory is charged for before it is
// taken.
package typed
