// Package keywatch keeps a Ring as its keyring file says, while the program runs. Call [Watch]:
// it loads the file into the Ring, and loads it again whenever the file changes.
//
//	ring := keyring.New()
//	w, err := keywatch.Watch(ctx, "/etc/myapp/originator.json", ring,
//	    keywatch.OnError(func(err error) { log.Print(err) }))
//	defer w.Close()
//
// Sessions that use the Ring go on: the next message is sealed or opened with
// the new keys. (To seal is to encrypt and authenticate.)
//
// # What is seen
//
// The Watcher watches the file and every file that it refers to by file:PATH. It notices when a
// file is written in place, replaced by a rename (as tools and editors do), removed and made
// again, or given other permissions. It follows symbolic links step by step, and watches each
// folder on the way, up to the root. So it notices when Kubernetes changes a mounted secret by
// pointing a link to another folder, and when a whole tree of folders is replaced by another. A
// change in a folder that the process may not list is noticed at the next [Poll].
//
// The Watcher reads a change when the folders have been quiet for a moment ([Settle]). It also
// looks at the files from time to time ([Poll]). That serves file systems that report no changes,
// such as those on a network, and systems that have no more room for watchers. In the latter
// case [OnError] and the log are told. Environment variables can't change under a running
// process, so the Watcher doesn't watch them.
//
// # Bad files
//
// A file that doesn't load changes nothing: the Ring keeps what it had. The error goes to
// [OnError], once for each state of the files, and is counted in [Stats]. When the file is
// right again, the Watcher loads it by itself.
//
// # Good files
//
// If a file no longer has a pattern that had a key, the pattern's URIs are closed: nothing is
// sent or accepted for them until the file has the pattern again. If a file would have plaintext
// sent or accepted for URIs that are sealed, or scrambled URIs go clear, it is refused as a bad
// one, unless the program consents by [AllowPlain]. [OnChange] is told what a load changes, and the log has it in one
// line ([WithLogger]).
//
// # Security
//
// Whoever may write the file, the files that it refers to, or the folders they
// are in, decides on the keys.
package keywatch
