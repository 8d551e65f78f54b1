// Package lint looks for what is wrong, or soon will be, in keyring files and between them:
// also in those that don't load, and for more than the first mistake.
//
// What loading refuses is said by package keyfile, version by version;
// this package adds what goes together badly, and what is allowed but unwise.
// No finding holds a key.
package lint
