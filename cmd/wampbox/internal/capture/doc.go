// Package capture finds the sealed payload in what somebody has captured of a
// WAMP connection: in a log, a debugger or a database. It needs no keys.
//
// [Parse] takes bytes as they are, base64 or hex of them, and JSON text. In
// there it looks for
//
//   - a whole message of WAMP that carries a payload, in JSON, MessagePack or
//     CBOR, sealed in any of the dialects or plain;
//   - keyword arguments alone with an enc argument, or both kinds of arguments as
//     {"args": ..., "kwargs": ...}, in any of the three; and a line of examples/router
//     -show, which has the URI before the latter;
//   - a sealed payload alone, of which nothing is known but how it begins, and its size.
//
// What it returns is claimed by whoever carried it; nothing is authenticated.
//
// Input is taken for hostile. Messages are read by the reader that sessions have,
// with its bounds, and no error repeats a part of the input.
package capture
