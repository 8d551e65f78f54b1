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
  "version": 2,
  "patterns": [
    {
      "prefix": "com.myapp.orders.",
      "versions": [
        {
          "originator": {"private": "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="},
          "responder": {"public": "5Q3rK3UhNZzdviBw9MtbNrrPHR9bsFSGMEtr2H3ZaxQ="}
        }
      ]
    },
    {"prefix": "com.myapp.public.", "plain": true}
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
	// Output: keyring.Ring(2 patterns)
}

// An error says where it is, and what to do.
func ExampleRead() {
	_, err := keyfile.Read(strings.NewReader(`{
  "version": 2,
  "patterns": [
    {"prefix": "com.myapp.", "versions": [
      {"originator": {"private": "env:ORIGINATOR_KEY"}}
    ]}
  ]
}`))
	var at *keyfile.Error
	if errors.As(err, &at) {
		fmt.Println(at.Line, at.Entry)
	}
	fmt.Println(err)
	// Output:
	// 5 patterns[0] prefix "com.myapp." versions[0]
	// keyring file line 5: patterns[0] prefix "com.myapp." versions[0]: the reference leads nowhere: originator.private: the variable ORIGINATOR_KEY isn't set: set it to the key
}
