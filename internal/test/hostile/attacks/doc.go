// Package attacks tries what a router can do to the messages between two Sessions, one
// attack after the other: it edits, drops, duplicates, reorders, replays, reflects,
// swaps, strips and invents, each kind of payload in our dialect, and in the foreign ones
// where these keep it off as well. In our dialect that is suite box and one of the signed ones,
// in turn; all of them where WAMPBOX_HOSTILE is set. Those who hold signed keys attack one another
// too, with the router's help. It has tests alone.
// Package hostile beside it draws conversations and attacks at random.
package attacks
