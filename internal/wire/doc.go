// Package wire knows where a sealed payload sits in a WAMP message.
//
// [Put] puts an [Envelope] into the [Part] of a message that carries its payload, as the
// envelope's dialect has it, and [Take] takes it out again. What other layers need to know
// of a dialect, its [Traits] tell; all else about one stands in its own file:
//
//	          says what it is   payload                        who carries it
//	wampbox   enc argument      in the enc argument            any router, any transport
//	autobahn  enc_* attributes  in place of the arguments      Crossbar.io; not inside a process
//	passthru  ppt_* attributes  as the only argument           nexus, and others with passthru mode
//
// A message is sealed in one dialect, or plain, or an error: what isn't whole, and what
// belongs to two.
package wire
