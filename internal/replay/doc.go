// Package replay remembers which sealed messages were accepted, in bounded
// memory, so that none is accepted twice.
//
// A message with a binding is known by its sender and the sender's counter. Each sender has a
// sliding window, which says which of the last counters were seen. A counter behind the window
// counts as seen. A sender is forgotten when all that it has sent so far is too old to be
// accepted anyhow. If there are more senders than fit, the one that was silent longest is
// forgotten earlier. From then on no unknown sender's message is accepted that isn't newer than
// the newest one of the sender that was forgotten. So forgetting never lets a message in again,
// not even when the clock is set back.
//
// A message without a binding is known by its token. The last tokens are remembered, of all
// scopes together. Nothing protects against the return of an older message.
//
// A subscription knows events that a broker retains by their tokens ([Retained]), because
// such an event may come however old it is.
package replay
