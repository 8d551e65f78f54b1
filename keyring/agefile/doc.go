// Package agefile reads keyring files that are encrypted with age
// (https://age-encryption.org/v1), with a passphrase or an identity. (An identity is age's name
// for a private key, a recipient its name for a public one.)
//
// Call [Identities] or [Passphrase], and give the option to keyfile.Load, or by
// keywatch.LoadWith to package keywatch:
//
//	ids, err := age.ParseIdentities(file)
//	ring, err := keyfile.Load("originator.json.age", agefile.Identities(ids...))
//
// Both of age's forms are read, the binary one and the armored one. A file that isn't
// encrypted is refused ([ErrNotEncrypted]), because a program that relies on encryption wants to
// know that it is missing.
//
// A file that opens with a passphrase was made by somebody who knew the passphrase. A file that
// opens with an identity doesn't say who made it: a recipient is public, so anybody who knows it
// can make such a file.
//
// # What is bounded
//
// The file and its plain text are bounded as keyfile.Load bounds them. A passphrase is worked
// into a key with scrypt, at the cost that the file names: at most 2^[MaxWorkFactor], which
// takes 1 GiB of memory and some seconds.
//
// # What stays in memory
//
// A passphrase is a Go string, and stays in memory until it is collected. Identities stay as
// long as the program holds the option. A watcher holds it as long as the watcher runs.
package agefile
