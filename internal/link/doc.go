// Package link carries WAMP messages to and from a router. Call [Dial] to connect over
// WebSocket or RawSocket, with all settings of the client's configuration. Call [Local] to attach
// to a router in the same process. Both return a [Link], to read messages from and to write
// messages to.
//
// Messages that are ready at the same moment are written together. None is held back for
// others that may follow.
package link
