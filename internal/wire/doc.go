// Package wire knows where an Envelope sits in a WAMP message.
//
// A [Framing] puts a [cryptobox.Envelope] into the [Part] of a message that
// carries its payload, and takes it out again. What other layers need to know
// of a framing, its [Traits] tell; all else about one stands in its own file,
// and [Framings] lists them.
//
// # Framings
//
//	              says what it is      payload                        who carries it
//	EncArgument   enc argument         in the enc argument            any router, any transport
//	Native        enc_* attributes     in place of the arguments      Crossbar.io; not inside a process
//	PPT           ppt_* attributes     as the only argument           nexus, and others with passthru mode
//
// [EncArgument] is ours alone. [Native] is what Autobahn and Crossbar.io call
// payload transparency; their payloads are NaCl boxes over JSON. [PPT] is the
// payload passthru mode of the WAMP specification, with records in CBOR and
// algorithms named as ciphers of a shared key.
//
// Every framing refuses what belongs to another, and what is not whole: a
// message is sealed, or plain, or an error.
package wire
