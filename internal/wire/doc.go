// Package wire puts sealed payloads into WAMP messages and takes them out again. (To seal is to
// encrypt and authenticate.)
//
// A sealed payload and what stands beside it in clear are an [Envelope]. The part of a message
// that carries its payload is a [Part]. Call [Put] before a message is sent, and [Take] when one
// has come in. A dialect is one way of sealing payloads and of placing them in messages. Put and
// Take use the place that the envelope's dialect has. [TraitsOf] gives what other layers need to
// know of a dialect. Everything else about a dialect stands in a file of its own:
//
//	          says what it is   payload                        who carries it
//	wampbox   enc argument      in the enc argument            any router, any transport
//	autobahn  enc_* attributes  in place of the arguments      Crossbar.io; not inside a process
//	passthru  ppt_* attributes  as the only argument           nexus, and others with passthru mode
//
// A message is sealed in one dialect, or plain. An incomplete envelope is an error, and so is
// an envelope that belongs to two dialects.
package wire
