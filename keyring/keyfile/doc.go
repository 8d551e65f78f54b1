// Package keyfile reads and changes keyring files: JSON files that say which
// key seals the payloads of which URI.
//
// A program loads its file into a ring:
//
//	ring, err := keyfile.Load("/etc/myapp/originator.json")
//
// [Load] is strict. What is wrong with a file is an [*Error] that names line,
// pattern and version, and there is no ring. docs/KEYRING-FILE.md describes the
// format, docs/keyring.schema.json is its JSON Schema. Keys may stand in the file, in
// files beside it or in the environment.
//
// Package keywatch ([github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch])
// loads a file again when it changes. Package agefile
// ([github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile]) has the options
// for files that are encrypted with age.
//
// # Changing a file
//
// A tool does it by [Update]:
//
//	err := keyfile.Update(path, func(f *keyfile.File) error {
//	    return f.SetDates(pattern, id, keyring.Dates{ActiveFrom: tomorrow})
//	})
//
// Update locks the file against other tools, reads and checks it, lets the
// function change it, checks the result as Load does, and puts it in the old
// one's place in one step: a crash leaves the old file or the new one. [Create]
// writes a new file, and never over another one. [New] and [Parse] give a
// [File] to look at or to fill; [File.List] tells of it without its keys.
//
// What may be done is [keyring.Ring]'s to say: each change is made on a Ring of the
// file first, and then written down.
//
// Files of the format's first version are refused ([ErrVersion1]). [Convert] reads them.
package keyfile
