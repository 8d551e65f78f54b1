// Package wire knows where an Envelope sits in a WAMP message.
//
// A [Framing] puts a [cryptobox.Envelope] into the [Part] of a message that
// carries its payload, and takes it out again. One framing exists today,
// [EncArgument]: an argument that any router and any transport carries. The
// framings that need their own place on the wire (payload transparency,
// payload passthru mode) belong beside it.
package wire
