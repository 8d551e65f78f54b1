package keywatch_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
)

func ExampleWatch() {
	folder, err := os.MkdirTemp("", "keywatch")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "keyring.json")
	put := func(text string) {
		// Beside it, and renamed: nobody reads half of it.
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			fmt.Println(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			fmt.Println(err)
		}
	}
	put(keysOf("november"))

	ring, changed, failed := keyring.New(), make(chan bool), make(chan bool)
	w, err := keywatch.Watch(context.Background(), path, ring,
		keywatch.Settle(10*time.Millisecond),
		keywatch.OnChange(func(keyring.Changes) { changed <- true }),
		keywatch.OnError(func(error) { failed <- true }))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()
	show := func() { fmt.Println(ring.Versions(keyring.Prefix("com.myapp."))[0].ID) }
	show()

	put(keysOf("december"))
	<-changed
	show()

	put("oops")
	<-failed
	show()
	// Output:
	// november
	// december
	// december
}

// keysOf is a keyring file with one key, a published sample, of the given id.
func keysOf(id string) string {
	return fmt.Sprintf(`{"version": 2, "patterns": [{"prefix": "com.myapp.", "versions": [
		{"dialect": "passthru", "id": %q, "shared": "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="}
	]}]}`, id)
}
