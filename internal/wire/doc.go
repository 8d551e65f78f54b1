// Package wire knows where a sealed payload sits in a WAMP message.
//
// [Put] puts an [Envelope] into the [Part] of a message that carries its payload, in the
// place that the envelope's dialect has for it. [Take] takes it out again. [Traits] tell what
// other layers need to know of a dialect. All else about a dialect stands in a file of its
// own:
//
//	          says what it is   payload                        who carries it
//	wampbox   enc argument      in the enc argument            any router, any transport
//	autobahn  enc_* attributes  in place of the arguments      Crossbar.io; not inside a process
//	passthru  ppt_* attributes  as the only argument           nexus, and others with passthru mode
//
// A message is sealed in one dialect, or plain. An incomplete envelope is an error, and so is
// one that belongs to two dialects.
package wire
