package main_test

import (
	"path/filepath"
	"testing"
)

// TestRemoveUnknownParty: who isn't listed can't be removed, and it is said who is.
func TestRemoveUnknownParty(t *testing.T) {
	dir, _ := begunSigned(t, "-both")
	for args, says := range map[[2]string]string{
		{"-sender", "nobody"}:   `no version lists "nobody", or not with this key; its senders are both, originator`,
		{"-answerer", "nobody"}: `no version lists "nobody", or not with this key; its answerers are both, responder`,
	} {
		wampbox(t, "remove", args[0], args[1], "com.x.", filepath.Join(dir, bothFile)).fails(t, 1, says)
	}
}
