// Package link carries WAMP messages to and from a router.
//
// [Dial] connects over WebSocket or RawSocket, with all settings of the client's
// configuration. [Local] attaches to a router in the same process. A [Codec] makes bytes of
// messages, and messages of bytes.
//
// Messages that are ready at the same moment are written together. None is held back for
// others that may follow.
package link
