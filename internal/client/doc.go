// Package client is a WAMP client for a router that isn't trusted.
//
// [New] joins a realm over a [link.Link]. A [Client] has the verbs of nexus's client,
// with its types and its behaviour, but that it hands payloads on as they came in, see
// [Received]: package transparency opens them, and gives applications nexus's own
// signatures. What is sent is a [wire.Part], and every method returns why it wasn't sent.
//
//	transparency      policy: what is sealed, and whether what came in is what it claims
//	Client            requests, subscriptions, registrations, calls, invocations
//	link.Link         messages, whose payload is raw; codec and connection
//
// # State
//
// One state says what is waited for: replies, by request; events, by subscription;
// chunks, by invocation. Nothing else gets through, each reply once. What the application
// hasn't taken waits in bounded queues, undecoded; where those are full, the router
// waits.
//
// Replies go to the goroutine that waits for them, which decodes them. Events go to one
// goroutine, in order. Invocations go to goroutines that are used again.
//
// # Where it differs from nexus's client
//
//   - A second reply, an unknown subscription, a request id used twice: reported, not
//     handed on, and nothing blocks or panics.
//   - A handler is in place before the first message for it is read.
//   - An event handler may use the client: it doesn't run in the goroutine that reads.
//   - Payload passthru mode is a dialect's alone: nothing is unpacked by itself.
//   - Each wait ends: with its context, or else with the response timeout, also where
//     the router reads nothing. Close ends all of them.
//   - What can't be sent is an error to its sender; a callee's answer becomes an ERROR.
//   - A message that can't be parsed ends the session. A payload that can't be decoded
//     is one refused message.
//   - A progressive RESULT that nobody asked for is an error, not the result.
//   - An error of a later chunk is what the call ends with.
//   - The caller's options and HELLO details are never written to.
//   - ErrNotConn comes with why the session has ended, and tells what was not sent from
//     what may have been done.
//   - The router's GOODBYE is answered, and ends the connection.
package client
