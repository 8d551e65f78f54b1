// Package keywatch keeps a keyring.Ring as a keyring file has it, while the
// program runs.
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
// The file, and every file that it refers to by file:PATH: written in place,
// replaced by a rename, as tools and editors do, removed and made again, given
// other permissions. Symbolic links are followed step by step, and each folder
// on the way is watched, up to the root, so that Kubernetes' way of changing a mounted
// secret, which swaps a link to a folder, is seen as well, and so is a whole tree that is
// put in another one's place. What happens in a folder above that the process may not
// list is seen at the next [Poll].
//
// Changes are read when the folders have been quiet for a moment ([Settle]).
// Besides, the files are looked at at an interval ([Poll]), for file systems
// that tell nothing, such as those on a network, and for systems that have no more watchers:
// [OnError] is told then, and the log. Variables of the environment
// can't change under a running process, and aren't watched.
//
// # Bad files
//
// A file that doesn't load changes nothing: the Ring keeps what it had. That is
// reported once for each state of the files, to [OnError], and counted in
// [Stats]. When the file is right again, it is loaded by itself.
//
// # Good files
//
// What a file no longer says of a pattern that had a key leaves its URIs closed: nothing
// is sent or taken for them, until the file has the pattern again. A file that would send
// or take plaintext for what is sealed is refused as a bad one, unless the program
// consents: [AllowPlain]. What a load changes is told to [OnChange], and logged in one
// line ([WithLogger]).
//
// # Security
//
// Whoever may write the file, the files that it refers to, or the folders they
// are in, decides on the keys.
package keywatch
