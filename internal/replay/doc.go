// Package replay remembers which sealed messages were accepted, in bounded
// memory, so that none is accepted twice.
//
// A message with a binding is known by its sender and the sender's counter. For
// each sender a sliding window says which of the last counters were seen; what is
// behind the window counts as seen. A sender is forgotten when everything it has
// sent so far is too old to be accepted anyhow. Where there are more senders
// than fit, the one that was silent longest is forgotten earlier. From then on
// what is not newer than its newest message is refused, from whoever isn't known:
// forgetting never lets a message in again, not even when the clock is set back.
//
// A message without a binding is known by its token. Of those the last ones are
// remembered, of all scopes together; nothing protects against the return of an older one.
//
// Events that a broker retains are known to their subscription by their tokens
// ([Retained]), because they may come however old they are.
package replay
