// Package guard shows what a hostile router can do to a client, each attack twice. nexus's
// own client falls to it, in a process of its own. A Session of package transparency stands.
// The package has tests alone, which play the router message by message.
package guard
