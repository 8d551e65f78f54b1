package keyfile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func ExampleLoad() {
	folder, err := os.MkdirTemp("", "keyring")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "originator.json")
	// The sample keys of Crossbar.io's example: never use them.
	text := `{
  "version": 1,
  "keys": [
    {
      "pattern": "com.myapp.encrypted.",
      "match": "prefix",
      "originator": {"private": "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="},
      "responder": {"public": "5Q3rK3UhNZzdviBw9MtbNrrPHR9bsFSGMEtr2H3ZaxQ="}
    }
  ]
}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	ring, err := keyfile.Load(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ring)
	// Output: keyring.Ring(1 patterns)
}

// An error says where it is, and what to do.
func ExampleRead() {
	_, err := keyfile.Read(strings.NewReader(`{
  "version": 1,
  "keys": [
    {"pattern": "com.myapp.", "match": "prefix", "originator": {"private": "env:ORIGINATOR_KEY"}}
  ]
}`))
	var at *keyfile.Error
	if errors.As(err, &at) {
		fmt.Println(at.Line, at.Entry)
	}
	fmt.Println(err)
	// Output:
	// 4 keys[0] prefix "com.myapp."
	// keyring file line 4: keys[0] prefix "com.myapp.": the reference leads nowhere: originator.private: the variable ORIGINATOR_KEY isn't set: set it to the key
}
