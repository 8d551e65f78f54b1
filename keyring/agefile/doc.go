// Package agefile reads keyring files that are encrypted with age
// (https://age-encryption.org/v1), with a passphrase or an identity.
//
// Give one of its options to keyfile.Load, or to package keywatch by keywatch.LoadWith:
//
//	ids, err := age.ParseIdentities(file)
//	ring, err := keyfile.Load("originator.json.age", agefile.Identities(ids...))
//
// Both of age's forms are read, the binary one and the armored one. A file that isn't
// encrypted is refused ([ErrNotEncrypted]): a program that relies on encryption wants to know
// of it, and a file that anybody can write says nothing of its writer. That is so of files
// for identities too. A recipient is public, so anybody who has it can make a file that
// opens. Only a passphrase vouches for the file.
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
