// Package attacks tries what a router can do to the messages between two Sessions, one
// attack after the other: it edits, drops, duplicates, reorders, replays, reflects,
// swaps, strips and invents, each kind of payload in our dialect, and in the foreign ones
// where these keep it off as well. It has tests alone.
// Package hostile beside it draws conversations and attacks at random.
package attacks
