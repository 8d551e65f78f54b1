package keyfile_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// fileSeeds are what FuzzLoad begins with: all files of the tests.
func fileSeeds() (texts []string, good int) {
	for _, tc := range goodFiles {
		texts = append(texts, tc.text)
	}
	good = len(texts)
	for _, tc := range badFiles {
		texts = append(texts, tc.text)
	}
	deep := strings.Repeat("[", 1000)
	return append(texts, deep, `{"version": 1, "keys": `+deep, `{"version": 1, "keys": [{"pattern": `+deep), good
}

func TestLoadFuzzSeeds(t *testing.T) {
	texts, good := fileSeeds()
	require.Greater(t, good, 10)
	require.Greater(t, len(texts)-good, 50)
	for i, text := range texts {
		_, err := keyfile.Read(strings.NewReader(text))
		require.Equal(t, i < good, err == nil, text)
	}
}

// FuzzLoad checks of every text that loading it neither panics nor takes more
// memory than the text accounts for, that no error shows a key, and that what
// is accepted is written so that it is read as the same, and written as the
// same again.
func FuzzLoad(f *testing.F) {
	texts, _ := fileSeeds()
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ring, err := keyfile.Read(bytes.NewReader(text))
		runtime.ReadMemStats(&after)
		if used, most := after.TotalAlloc-before.TotalAlloc, uint64(4<<20+2000*len(text)); used > most {
			t.Fatalf("%d bytes of text took %d of memory", len(text), used)
		}
		if err != nil {
			if ring != nil {
				t.Fatal("an error, and a ring")
			}
			showsNoKey(t, err)
			return
		}
		doc, err := keyfile.Parse(text)
		if err != nil {
			t.Fatalf("loaded, and doesn't parse: %v", err)
		}
		once, err := doc.Marshal()
		if err != nil {
			t.Fatalf("can't be written: %v", err)
		}
		again, err := keyfile.Read(bytes.NewReader(once))
		if err != nil {
			t.Fatalf("what was written doesn't load: %v\n%s", err, once)
		}
		sameRings(t, ring, again)
		reread, err := keyfile.Parse(once)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := reread.Marshal(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("written differently: %v\n%s\n%s", err, once, twice)
		}
	})
}

// showsNoKey looks for the keys of the seeds. A part of one that a text puts
// into a pattern or an id is shown, as those are.
func showsNoKey(t *testing.T, err error) {
	for _, shown := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
		for _, key := range []string{sampleOriginator, sampleResponder, sampleBoth} {
			if strings.Contains(shown, key) {
				t.Fatalf("a key shows: %s", shown)
			}
		}
	}
}

// sameRings compares all that rings tell.
func sameRings(t *testing.T, a, b *keyring.Ring) {
	if a.Len() != b.Len() {
		t.Fatalf("%d patterns, and %d", a.Len(), b.Len())
	}
	for p := range a.Patterns() {
		have, want := fmt.Sprint(a.Versions(p.URI, p.Match)), fmt.Sprint(b.Versions(p.URI, p.Match))
		if have != want {
			t.Fatalf("%v: %s, and %s", p, have, want)
		}
	}
}
