// Package guard shows twice what a hostile router can do to a client: nexus's own falls
// to it, in a process of its own; a Session of package transparency stands. It has
// tests alone, in which the test plays the router message by message.
package guard
