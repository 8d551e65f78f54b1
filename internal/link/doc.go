// Package link carries WAMP messages to and from a router.
//
// [Dial] connects over WebSocket or RawSocket, with all settings of the client's
// configuration; [Local] attaches to a router in the same process. A [Codec] is
// between bytes and messages.
//
// What is there to be written at one moment goes to the router together, and is never
// kept for what may come.
package link
