// Package client is a WAMP client for a router that isn't trusted.
//
// [New] joins a realm over a [link.Link]. A [Client] has the verbs of nexus's client, with
// its types and its behaviour, except that it hands payloads on as they came in ([Received]).
// Package transparency opens them, and gives applications nexus's own signatures. What is
// sent is a [wire.Part]. If it isn't sent, the method returns why.
//
//	transparency      policy: what is sealed, and whether what came in is what it claims
//	Client            requests, subscriptions, registrations, calls, invocations
//	link.Link         messages, whose payload is raw; codec and connection
//
// # State
//
// One state says what the client waits for: replies, by request; events, by subscription;
// chunks, by invocation. Nothing else gets through, and each reply does once. Messages that
// the application hasn't taken wait in bounded queues, undecoded. When a queue is full, the
// router waits.
//
// Replies go to the goroutine that waits for them, which decodes them. Events go to one
// goroutine, in order. Invocations go to goroutines that are used again.
//
// # Where it differs from nexus's client
//
//   - A second reply, an unknown subscription, a request id that is used twice: these are
//     reported and not handed on, and nothing blocks or panics.
//   - A handler is in place before the first message for it is read.
//   - An event handler may use the client: it doesn't run in the goroutine that reads.
//   - Payload passthru mode belongs to a dialect: the client unpacks nothing by itself.
//   - Each wait ends with its context, or else with the response timeout, even if the
//     router reads nothing. Close ends all waits.
//   - A message that can't be sent is an error to its sender. A callee's answer that can't
//     be sent becomes an ERROR.
//   - A message that can't be parsed ends the session. A payload that can't be decoded
//     is one refused message.
//   - A progressive RESULT that nobody asked for is an error, not the result.
//   - A call ends with the error of a later chunk, if there is one.
//   - The caller's options and HELLO details are never written to.
//   - ErrNotConn says why the session has ended, and whether the message was not sent or may
//     have been handled.
//   - The router's GOODBYE is answered, and ends the connection.
package client
