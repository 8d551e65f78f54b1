// Package format runs the vectors of docs/FORMAT.md, vectors/wampbox_format.json, through
// the library, and those of docs/KEYSERVICE.md, vectors/keyservice.json. For the first, the
// test plays a router, and sends each message to a Session on a real connection. It compares
// what handlers, callers and transparency.WithOnReject get. The package has tests alone.
//
// Vectors have a date. So the Session lives in a bubble of testing/synctest, whose clock is
// set to that date and then stands. It would move only when every goroutine in the bubble
// waits for another one, and those of a connection wait for the network. An answer refers to
// the nonce of its call, which is random. So the tests put nonces of the vectors into
// crypto/rand.Reader, and none of them is parallel.
package format
