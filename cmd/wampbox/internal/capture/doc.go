// Package capture finds sealed payloads in what somebody has captured of a
// WAMP connection: in a log, a debugger or a database. It needs no keys.
//
// [Parse] takes bytes as they are, and what people and tools make of them: base64, hex, a hex
// dump, text in UTF-16, gzip. In there it looks for
//
//   - whole messages of WAMP that carry a payload, in JSON, MessagePack or CBOR, sealed in
//     any of the dialects or plain: alone, several in a row, within other text or other JSON,
//     batched, or in the frames of RawSocket and WebSocket;
//   - keyword arguments alone with an enc argument, or both kinds of arguments as
//     {"args": ..., "kwargs": ...}, in any of the three; and a line of examples/router
//     -show, which has the URI before the latter;
//   - a sealed payload alone, of which nothing is known but how it begins, and its size.
//
// For what is none of these the error says what it is, where that can be told.
//
// What it returns is claimed by whoever carried it; nothing is authenticated.
//
// Input is taken for hostile. Messages are read by the reader that sessions have,
// with its bounds, and no error repeats a part of the input.
package capture
