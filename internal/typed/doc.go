// Package typed puts values that arrive, lists and maps of plain kinds, into the types of an
// application. Call [Decode]. It follows the rules by which nexus's serializers write these
// types: fields by "codec" and then "json" tags, and the same methods.
//
// No library does that without changing some values. ugorji's codec, which nexus's serializers
// use, takes an integer for the length of a text in CBOR, text for the bytes that its base64
// stands for, and numbers for text in JSON. mapstructure wraps integers that don't fit. It also
// fills a field whose tag is "-" from a map key of that name. In their errors, neither gives a
// path to the value that leaves out map keys, which are payload. Decode uses ugorji's codec only
// for types with methods of ugorji's own kind (codec.Selfer).
//
// Everything that comes in is taken for hostile: nothing panics, and memory is counted against a
// limit before it is taken.
package typed
