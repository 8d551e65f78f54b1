// Package keywatch follows a keyring file: whenever the file changes, so does the Ring that a
// running program uses.
//
//	ring := keyring.New()
//	w, err := keywatch.Watch(ctx, "/etc/myapp/originator.json", ring,
//	    keywatch.OnError(func(err error) { log.Print(err) }))
//	defer w.Close()
//
// Sessions that use the Ring go on: the next message is sealed or opened with
// the new keys.
//
// # What is seen
//
// Watched are the file and every file that it refers to by file:PATH. A file may be written
// in place, replaced by a rename, as tools and editors do, removed and made again, or given
// other permissions. Symbolic links are followed step by step, and each folder on the way is
// watched, up to the root. So Kubernetes' way of changing a mounted secret is seen, which
// swaps a link to a folder, and so is a whole tree that is put in another one's place. A
// change in a folder that the process may not list is seen at the next [Poll].
//
// A change is read when the folders have been quiet for a moment ([Settle]). The files are
// also looked at from time to time ([Poll]), for file systems that tell nothing, such as
// those on a network, and for systems that have no more watchers: [OnError] is told then, and
// the log. Variables of the environment can't change under a running process, and aren't
// watched.
//
// # Bad files
//
// A file that doesn't load changes nothing: the Ring keeps what it had. The error goes to
// [OnError], once for each state of the files, and is counted in [Stats]. When the file is
// right again, it is loaded without further ado.
//
// # Good files
//
// If a file no longer has a pattern that had a key, the pattern's URIs are closed: nothing is
// sent or taken for them until the file has the pattern again. A file that would send or take
// plaintext for what is sealed is refused as a bad one, unless the program consents by
// [AllowPlain]. [OnChange] is told what a load changes, and the log has it in one line
// ([WithLogger]).
//
// # Security
//
// Whoever may write the file, the files that it refers to, or the folders they
// are in, decides on the keys.
package keywatch
