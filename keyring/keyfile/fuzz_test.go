package keyfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
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
	return append(texts, deep, `{"version": 2, "patterns": `+deep, `{"version": 2, "patterns": [{"versions": `+deep, `{"version": 2, "scramble": [{"secrets": `+deep), good
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
	if have, want := fmt.Sprint(slices.Collect(a.Scrambled())), fmt.Sprint(slices.Collect(b.Scrambled())); have != want {
		t.Fatalf("%s, and %s", have, want)
	}
	for p := range a.Patterns() {
		have, want := fmt.Sprint(told(t, a, p)), fmt.Sprint(told(t, b, p))
		if have != want {
			t.Fatalf("%v: %s, and %s", p, have, want)
		}
	}
}

// told gives what a ring tells of a pattern.
func told(t *testing.T, r *keyring.Ring, p keyring.Pattern) []any {
	all := []any{r.Versions(p)}
	if p.Match == keyring.MatchExact {
		e, err := r.Lookup(p.URI)
		if err != nil {
			t.Fatalf("%v isn't found: %v", p, err)
		}
		plaintext, until, lasts := e.Transition()
		all = append(all, e.Plain(), plaintext, until.UnixNano(), lasts)
	}
	_, err := r.Lookup("a.uri.of.no.pattern")
	return append(all, err == nil)
}

// FuzzConvert checks of every text that converting it doesn't panic, that no error and no
// note shows a key, and that what comes of it is written and read back the same.
func FuzzConvert(f *testing.F) {
	for _, tc := range oldFiles {
		f.Add([]byte(tc.text))
	}
	for _, tc := range badOldFiles {
		f.Add([]byte(tc.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, notes, err := keyfile.Convert(text, converted)
		if err != nil {
			showsNoKey(t, err)
			return
		}
		showsNoKey(t, errors.New(strings.Join(notes, "\n")))
		once, err := doc.Marshal()
		if err != nil {
			return // a date before the year 0
		}
		reread, err := keyfile.Parse(once)
		if err != nil {
			t.Fatalf("what was written doesn't parse: %v\n%s", err, once)
		}
		if twice, err := reread.Marshal(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("written differently: %v\n%s\n%s", err, once, twice)
		}
		ring, err := doc.Ring()
		switch {
		case err != nil && errors.Is(err, keyring.ErrState) && !strings.Contains(string(text), "000"):
			t.Fatalf("dates that don't go together: %v\n%s", err, once)
		case err == nil:
			sealsAsBefore(t, text, ring)
		}
	})
}
