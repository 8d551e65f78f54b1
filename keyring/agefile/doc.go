// Package agefile reads keyring files that are encrypted with age
// (https://age-encryption.org/v1), by passphrase or for identities.
//
// Its functions give options for keyfile.Load and package keywatch:
//
//	ids, err := age.ParseIdentities(file)
//	ring, err := keyfile.Load("originator.json.age", agefile.Identities(ids...))
//
// Both of age's forms are read, the binary one and the armored one. A file that
// isn't encrypted is refused ([ErrNotEncrypted]): who relies on encryption
// wants to know, and a file that anybody can write says nothing of who wrote
// it. Mind that this is so of files for identities too: a recipient is public,
// so whoever has it can make a file that opens. Only a passphrase vouches for
// the file.
//
// # What is bounded
//
// The file and its plain text are bounded as keyfile.Load bounds them. A
// passphrase is worked into a key with scrypt, whose cost the file names: at
// most 2^[MaxWorkFactor], which takes 1 GiB of memory and some seconds.
//
// # What stays in memory
//
// A passphrase is a Go string, and stays in memory until it is collected. So do
// identities, as long as the option is held; a watcher holds it as long as it
// runs.
package agefile
