// Package keyfile changes keyring files: what a tool does that adds, activates,
// retires and revokes keys.
//
// A change is one call of [Update]: it locks the file against other tools,
// reads and checks it, lets a function change it, checks the result as
// keyring.Load does, and puts it in the old one's place in one step, so that a
// crash leaves the old file or the new one. [Create] writes a new file, and
// never over another one.
//
// What may be done with a version in which state is keyring.Ring's to say:
// each change is made on a Ring of the file first, and then written down.
package keyfile
