package main_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// removeJSON is what remove prints as JSON.
type removeJSON struct {
	Removed []struct {
		File    string   `json:"file"`
		Pattern string   `json:"pattern"`
		Match   string   `json:"match"`
		IDs     []string `json:"ids"`
		Then    string   `json:"then"`
		By      string   `json:"by"`
	} `json:"removed"`
}

// TestRemove takes a pattern out of all files, its keys too, and leaves the others.
func TestRemove(t *testing.T) {
	dir, id := begun(t)
	files := both(dir)
	wampbox(t, "add", "-originator", files[0], "-responder", files[1], "com.y.").fine(t)
	before := secrets(t, files...)
	text := string(must(os.ReadFile(files[0])))

	asked := wampbox(t, with(dir, "remove", "com.x.")...)
	asked.fails(t, 1, "nothing is changed: give -yes if this is meant")
	require.Contains(t, asked.err, files[0]+`: prefix "com.x." would be taken out, with the key `+id+"; its URIs would be closed")
	require.Equal(t, text, string(must(os.ReadFile(files[0]))))

	r := wampbox(t, with(dir, "remove", "com.x.", "-yes")...)
	require.Empty(t, r.fine(t))
	r.noSecrets(t, files...)
	for _, path := range files {
		require.Contains(t, r.err, path+`: prefix "com.x." is taken out, with the key `+id+"; its URIs are closed: nothing is sent or taken for them\n")
		ring := ring(t, path)
		require.Equal(t, 1, ring.Len())
		_, err := ring.Lookup("com.x.y")
		require.ErrorIs(t, err, keyring.ErrClosed)
	}
	require.Contains(t, r.err, "that holds at once in programs that follow their file (keywatch)")
	require.Len(t, secrets(t, files...), 2)
	require.Contains(t, before, secrets(t, files...)[0])

	wampbox(t, with(dir, "remove", "com.x.", "-yes")...).fails(t, 1, `it doesn't have prefix "com.x.", but prefix "com.y."`)
	wampbox(t, with(dir, "remove", "com.y", "-yes")...).fails(t, 1, `it doesn't have exact "com.y"`)
	wampbox(t, with(dir, "remove", "com.y.", "-yes")...).fails(t, 1, "and a keyring file needs one: delete the file in its place")
	require.Len(t, secrets(t, files...), 2)
}

// TestRemoveSaysWhatCountsThen: what stands under a wider pattern is closed where the program
// goes on, and as that pattern says where it is started again.
func TestRemoveSaysWhatCountsThen(t *testing.T) {
	for name, test := range map[string]struct {
		before   []string
		pattern  string
		then, by string
		says     string
	}{
		"under nothing":         {nil, "com.x.", "closed", "", "closed"},
		"under a plain one":     {[]string{"-plain", "com."}, "com.x.", "plain", `prefix "com."`, `PLAIN in programs that load the file anew, as prefix "com." declares`},
		"under another key":     {[]string{"com."}, "com.x.", "sealed", `prefix "com."`, `sealed with the key of prefix "com."`},
		"beside a narrower one": {[]string{"-plain", "com.x.public."}, "com.x.", "closed", "", "closed"},
		"a wildcard":            {[]string{"-plain", "com.z..y"}, "com.z..y", "closed", "", "closed"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := begun(t)
			files := both(dir)
			if test.before != nil {
				wampbox(t, append([]string{"add", "-originator", files[0], "-responder", files[1]}, test.before...)...).fine(t)
			} else {
				wampbox(t, "add", "-originator", files[0], "-responder", files[1], "org.x").fine(t)
			}
			asked := wampbox(t, with(dir, "remove", test.pattern)...)
			asked.fails(t, 1, "its URIs would be "+test.says)
			var out removeJSON
			wampbox(t, with(dir, "remove", test.pattern, "-yes", "-json")...).decode(t, &out)
			require.Len(t, out.Removed, 2)
			for i, r := range out.Removed {
				require.Equal(t, []string{files[i], test.pattern, test.then, test.by}, []string{r.File, r.Pattern, r.Then, r.By})
				require.NotNil(t, r.IDs)
			}
		})
	}
}

// TestTies: no command changes a file that doesn't load, and each says how it is mended; that a
// new pattern would tie is said without.
func TestTies(t *testing.T) {
	path := keyringFile(t, `{"wildcard": "com..a", "plain": true}`, `{"wildcard": "com.b.", "plain": true}`)
	for _, args := range [][]string{{"list", path}, {"explain", "com.x", path}, {"remove", "com..a", path, "-yes"}, {"rotate", "com..a", path}} {
		wampbox(t, args...).fails(t, 1, " line 2: patterns[1] wildcard \"com.b.\": wildcard patterns tie: wildcard \"com..a\" matches some of the same URIs and is as specific: "+
			"fix one more component, or remove that one; edit the file by hand, as no command changes one that doesn't load")
	}
	dir, _ := begun(t)
	args := []string{"-originator", both(dir)[0], "-responder", both(dir)[1]}
	wampbox(t, append([]string{"add", "com..a"}, args...)...).fine(t)
	r := wampbox(t, append([]string{"add", "com.b.", "-match", "wildcard"}, args...)...)
	r.fails(t, 1, "wildcard patterns tie")
	require.NotContains(t, r.err, "by hand")
}

// TestRemoveIsAllOrNothing, and passes by files without the pattern.
func TestRemoveIsAllOrNothing(t *testing.T) {
	dir, _ := begun(t)
	files := both(dir)
	wampbox(t, "add", "-originator", files[0], "-responder", files[1]+".other", "com.y.").fine(t)
	wampbox(t, with(dir, "remove", "com.x.", "-yes")...).fails(t, 1, "delete the file in its place")
	require.Equal(t, 2, ring(t, files[0]).Len(), "the other file's pattern is its only one")
	r := wampbox(t, with(dir, "remove", "com.y.", "-yes")...)
	r.fine(t)
	require.Contains(t, r.err, files[1]+` doesn't have prefix "com.y."`)
	require.Equal(t, 1, ring(t, files[0]).Len())
}

// TestSwapped: a file where the pattern or id belongs is named as what it is.
func TestSwapped(t *testing.T) {
	dir, id := begun(t)
	file := both(dir)[0]
	for command, first := range map[string]string{"rotate": "com.x.", "remove": "com.x.", "activate": id, "retire": id, "revoke": id, "explain": "com.x.y"} {
		wampbox(t, command, file, first).fails(t, 2, "the first argument is a file: the ")
	}
	wampbox(t, "transition", file, "com.x.", "-end").fails(t, 2, "the PATTERN comes before the files")
}
