// Package client is a WAMP client for a router that isn't trusted. Call [New] to join a realm
// over a [link.Link].
//
// It checks which message belongs to which request. It doesn't open sealed payloads, and doesn't
// check any payload: it hands each one on as it came in ([Received]). Package transparency opens
// and checks payloads, and gives applications nexus's own signatures. (A sealed payload is one
// that is encrypted and authenticated.)
//
// A [Client] has the verbs of nexus's client, with its types and its behaviour, except for
// payloads: those that are sent are a [wire.Part], and those that come in a Received. If a
// message isn't sent, the method returns why.
//
//	transparency      policy: what is sealed, and whether what came in is what it claims
//	Client            requests, subscriptions, registrations, calls, invocations
//	link.Link         messages, whose payload is raw; codec and connection
//
// # State
//
// One state says what the client waits for: replies, by request; events, by subscription;
// chunks, by invocation. Nothing else gets through, and each reply gets through once. Messages
// that the application hasn't taken wait in bounded queues, undecoded. When a queue is full, the
// router has to wait.
//
// Replies go to the goroutine that waits for them, which decodes them. Events go to one
// goroutine, in order. Invocations go to goroutines that are used again.
//
// # Where it differs from nexus's client
//
//   - A second reply, an unknown subscription and a request id that is used twice are reported
//     and not handed on. None of them blocks the client or makes it panic.
//   - A handler is in place before the first message for it is read.
//   - An event handler may use the client: it doesn't run in the goroutine that reads.
//   - Payload passthru mode belongs to a dialect, which is one way of sealing payloads
//     ([cryptobox.Dialect]). The client unpacks nothing by itself.
//   - Each wait ends with its context, or else with the response timeout, even if the
//     router reads nothing. Close ends all waits.
//   - If a message can't be sent, its sender gets an error. If a callee's answer can't be
//     sent, an ERROR is sent in its place.
//   - A message that can't be parsed ends the session. A payload that can't be decoded
//     is one refused message.
//   - A progressive RESULT that nobody asked for is an error, not the result.
//   - If a later chunk of a call fails, the call ends with that error.
//   - The client never writes to the caller's options and HELLO details.
//   - ErrNotConn says why the session has ended, and whether the message was not sent or may
//     have been handled.
//   - The client answers the router's GOODBYE, and then ends the connection.
package client
