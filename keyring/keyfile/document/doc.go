// Package document is the keyring file as a text: what its fields are, how it
// is read strictly and with line numbers, and how it is written so that people
// can read it. Which keys may stand together is for package keyring to say.
//
// docs/KEYRING-FILE.md describes the format.
package document
