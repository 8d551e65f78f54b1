// Package keyfile reads and changes keyring files: JSON files that say which
// key seals the payloads of which URI. (To seal is to encrypt and authenticate.)
//
// A program calls [Load] to read its file into a ring:
//
//	ring, err := keyfile.Load("/etc/myapp/originator.json")
//
// Load is strict. If anything is wrong with a file, there is no ring, and the [*Error]
// names line, pattern and version. docs/KEYRING-FILE.md describes the format, and
// docs/keyring.schema.json is its JSON Schema. Keys may stand in the file, in files beside
// it, or in the environment. The tool wampbox makes such files.
//
// Package [github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch] loads a file again
// when it changes. Package [github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile] has
// the options for files that are encrypted with age.
//
// # Changing a file
//
// A tool calls [Update] to change a file:
//
//	err := keyfile.Update(path, func(f *keyfile.File) error {
//	    return f.SetDates(pattern, id, keyring.Dates{ActiveFrom: tomorrow})
//	})
//
// Update locks the file against other tools, reads it and checks it. Then the function
// changes what was read, and Update checks the result as Load does. Update puts the result in
// the old file's place in one step, so that a crash leaves the old file or the new one.
//
// [Create] writes a new file. If there is a file already, it writes nothing. [New] and [Parse]
// give a [File] to look at or to fill. [File.List] tells what is in it, without the keys.
//
// [File.AddScramble] has routers get URIs scrambled, [File.AllowClear] both ways until a date.
//
// [File.AddParty] and [File.RemoveParty] change who is heard under a signed key, and
// [File.AllowUnsigned] goes before such a key where a pattern has another one.
//
// Each change is made on a [keyring.Ring] of the file first, and then written down.
// So the Ring decides which changes are allowed.
//
// Files of the first version of the format are refused ([ErrVersion1]). [Convert] reads them.
//
// # Grants
//
// A file that comes from a key service has a [Grant], which ends the use of its keys. Who reads a
// text that somebody else wrote gives the options [WithoutReferences], and [SignAs] for its own
// signing key, which the text doesn't have.
package keyfile
