// Package peer connects nexus's client to a router.
//
// A [Peer] is the wamp.Peer below the client. It runs on a [link.Link].
//
//	nexus client      requests and handlers; sealed payloads as envelopes
//	Peer              framing, guard
//	Link              messages; codec and connection, or a link in the process
//
// # Framing
//
// On its way out, a message whose only argument is an envelope is framed, on its
// way in it is unframed, and a payload that can't be taken becomes a refusal. So
// nexus's own payload passthru code, which asserts what it should check, never
// runs.
//
// # Guard
//
// The guard knows what the client waits for: replies, by request; events, by
// subscription; chunks of invocations. Nothing else gets through, each reply once,
// and none at the moment in which the client gives up on it. What the client would
// be blocked by waits here, in bounded queues; where those are full, the router
// waits.
//
// # Writing
//
// What is there to be written at one moment goes to the router together, and is never
// kept for what may come.
//
// # What the client isn't told
//
// nexus's client hands over a message and never learns whether it was sent. The
// receipt that may ride on a message tells, and a request that can't be sent is
// answered from here.
package peer
