// Package format runs the vectors of docs/FORMAT.md, vectors/wampbox_format.json,
// through the library: a Session on a real connection is sent each message by a router
// that the test plays, and what its handlers, its callers and transparency.WithOnReject
// get is compared. It has tests alone.
//
// Vectors have a date. The Session lives in a bubble of testing/synctest, in which the
// clock is set to it and then stands: it moves only when every goroutine in there
// waits for another one, and those of a connection wait for the network. What answers
// a call refers to the nonce of the call, which is random; so the tests put one of the
// vectors in crypto/rand.Reader, and none of them is parallel.
package format
