package cryptobox_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func scrambleSecret(t testing.TB, fill byte) cryptobox.ScrambleSecret {
	t.Helper()
	s, err := cryptobox.NewScrambleSecret(bytes.Repeat([]byte{fill}, 32))
	require.NoError(t, err)
	return s
}

// head is one of CBOR, the shortest that there is.
func head(major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return []byte{major | byte(n)}
	case n < 1<<8:
		return []byte{major | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{major | 25}, uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32([]byte{major | 26}, uint32(n))
	}
	return binary.BigEndian.AppendUint64([]byte{major | 27}, n)
}

// scrambled is the definition (docs/FORMAT.md, 2.3), as one would first write it.
func scrambled(secret []byte, realm, prefix, uri string) string {
	if !strings.HasPrefix(uri, prefix) {
		return uri
	}
	components := strings.Split(uri[len(prefix):], ".")
	for i, c := range components {
		if c == "" {
			continue
		}
		message := append([]byte("wampbox-uri-1\x00"), head(4, 4)...)
		for _, text := range []string{realm, prefix} {
			message = append(append(message, head(3, uint64(len(text)))...), text...)
		}
		message = append(message, head(0, uint64(i))...)
		message = append(append(message, head(3, uint64(len(c)))...), c...)
		mac := hmac.New(sha256.New, secret)
		_, _ = mac.Write(message)
		components[i] = strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)[:10]))
	}
	return prefix + strings.Join(components, ".")
}

// TestScrambler: what it gives is what the definition gives, whatever lengths there are.
func TestScrambler(t *testing.T) {
	secret := scrambleSecret(t, 7)
	const prefix = "com.myapp."
	uris := []string{"", ".", "com", "com.myapp", prefix, prefix + ".", prefix + "..", prefix + "x", prefix + "x.", prefix + ".x", prefix + "x..x", "com.myapps.x", "org.x", prefix + "\xff.\x00"}
	for _, n := range []int{22, 23, 24, 25, 254, 255, 256, 257, 4095, 4096, 65535, 65536} {
		uris = append(uris, prefix+strings.Repeat("x", n), prefix+strings.Repeat("x", n)+".y", prefix+strings.Repeat("c.", min(n, 300)))
	}
	for _, realm := range []string{"", "realm1", "größe", strings.Repeat("r", 300)} {
		scrambler, err := cryptobox.NewScrambler(secret, realm, prefix)
		require.NoError(t, err)
		for _, uri := range uris {
			want := scrambled(secret.UnsafeBytes(), realm, prefix, uri)
			if scrambler.Scramble(uri) != want {
				t.Fatalf("%.60q in %.20q", uri, realm)
			}
		}
	}
	require.Equal(t, "com.myapp.a2d6blatavlso66t", mustScramble(t, secret, "realm1", prefix, "com.myapp.hello"))
	_, err := cryptobox.NewScrambler(cryptobox.ScrambleSecret{}, "realm1", prefix)
	var ke *cryptobox.KeyError
	require.ErrorAs(t, err, &ke)
	require.ErrorIs(t, err, cryptobox.ErrKey)
}

func mustScramble(t testing.TB, secret cryptobox.ScrambleSecret, realm, prefix, uri string) string {
	t.Helper()
	s, err := cryptobox.NewScrambler(secret, realm, prefix)
	require.NoError(t, err)
	return s.Scramble(uri)
}

// TestScrambledDiffers: one component is another one under each other secret, realm, prefix and
// place, and where the parts are cut elsewhere.
func TestScrambledDiffers(t *testing.T) {
	one, two := scrambleSecret(t, 1), scrambleSecret(t, 2)
	seen := map[string]string{}
	for name, uri := range map[string]string{
		"a": mustScramble(t, one, "realm1", "com.", "com.x"), "another secret": mustScramble(t, two, "realm1", "com.", "com.x"), "another realm": mustScramble(t, one, "realm2", "com.", "com.x"),
		"another prefix": mustScramble(t, one, "realm1", "org.", "org.x"), "another place": mustScramble(t, one, "realm1", "com.", "com..x"), "a wider prefix": mustScramble(t, one, "realm1", "com.", "com.com..x"),
		"a longer prefix": mustScramble(t, one, "realm1", "com.com.", "com.com.x"), "a longer realm": mustScramble(t, one, "realm1com.", "", "x"), "another case": mustScramble(t, one, "realm1", "com.", "com.X"),
		"cut elsewhere": mustScramble(t, one, "realm", "1com.", "1com.x"),
	} {
		component := uri[strings.LastIndex(uri, ".")+1:]
		require.Len(t, component, cryptobox.ScrambledLength)
		require.Empty(t, seen[component], name)
		seen[component] = name
	}
	require.Equal(t, mustScramble(t, one, "realm1", "com.", "com.x.y"), mustScramble(t, one, "realm1", "com.", "com.x")+strings.TrimPrefix(mustScramble(t, one, "realm1", "com.", "com..y"), "com."))
}

// A Scrambler is used by many at once.
func TestScramblerConcurrently(t *testing.T) {
	secret := scrambleSecret(t, 3)
	scrambler, err := cryptobox.NewScrambler(secret, "realm1", "com.")
	require.NoError(t, err)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 300 {
				uri := "com." + strings.Repeat(string(rune('a'+g)), 1+i*20) + ".x"
				if scrambler.Scramble(uri) != scrambled(secret.UnsafeBytes(), "realm1", "com.", uri) {
					t.Errorf("%d %d", g, i)
				}
			}
		})
	}
	wg.Wait()
}

// TestScrambleSecret: it is read as it is written, and copied in and out.
func TestScrambleSecret(t *testing.T) {
	b := bytes.Repeat([]byte{9}, 32)
	s, err := cryptobox.NewScrambleSecret(b)
	require.NoError(t, err)
	text := s.UnsafeText()
	require.Equal(t, "scramble:"+base64.StdEncoding.EncodeToString(b), text)
	b[0] = 1
	s.UnsafeBytes()[1] = 1
	require.Equal(t, bytes.Repeat([]byte{9}, 32), s.UnsafeBytes())
	for _, same := range []string{text, " " + text + "\n"} {
		again, err := cryptobox.ParseScrambleSecret(same)
		require.NoError(t, err)
		require.True(t, s.Equal(again))
		require.Equal(t, s.ID(), again.ID())
		require.False(t, again.IsZero())
	}
	mac := hmac.New(sha256.New, s.UnsafeBytes())
	_, _ = mac.Write([]byte("wampbox-uri-id-1"))
	id := s.ID()
	require.Equal(t, mac.Sum(nil)[:16], id[:])

	zero := cryptobox.ScrambleSecret{}
	require.True(t, zero.IsZero())
	require.Empty(t, zero.UnsafeText())
	require.Nil(t, zero.UnsafeBytes())
	require.Zero(t, zero.ID())
	require.False(t, zero.Equal(s))
	one, two := cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	require.False(t, one.Equal(two))
	require.NotEqual(t, one.ID(), two.ID())
	for _, wrong := range []struct {
		b    []byte
		want error
	}{{nil, cryptobox.ErrKey}, {make([]byte, 31), cryptobox.ErrKey}, {make([]byte, 33), cryptobox.ErrKey}, {make([]byte, 32), cryptobox.ErrWeakKey}} {
		got, err := cryptobox.NewScrambleSecret(wrong.b)
		require.ErrorIs(t, err, wrong.want)
		require.ErrorContains(t, err, "scramble secret")
		require.True(t, got.IsZero())
	}
	for _, text := range []string{"", "scramble:", text[:len(text)-1], strings.TrimPrefix(text, "scramble:"), "x25519:" + strings.TrimPrefix(text, "scramble:"), "scramble:!" + text[10:]} {
		got, err := cryptobox.ParseScrambleSecret(text)
		require.ErrorIs(t, err, cryptobox.ErrKey, text)
		require.NotContains(t, err.Error(), "CQkJ", "nothing of the secret")
		require.True(t, got.IsZero())
	}
}

// FuzzScrambler: it agrees with the definition on all texts.
func FuzzScrambler(f *testing.F) {
	f.Add("realm1", "com.", "com.x.y")
	f.Add("", "", "..")
	f.Add("\xff", "com.myapp.", "com.myapp.\x00..\xff.")
	secret := scrambleSecret(f, 5)
	f.Fuzz(func(t *testing.T, realm, prefix, uri string) {
		s, err := cryptobox.NewScrambler(secret, realm, prefix)
		if err != nil {
			t.Fatal(err)
		}
		for _, uri := range []string{uri, prefix + uri} {
			for range 2 {
				if got, want := s.Scramble(uri), scrambled(secret.UnsafeBytes(), realm, prefix, uri); got != want {
					t.Fatalf("%q became %q, not %q", uri, got, want)
				}
			}
		}
	})
}

// FuzzScrambleSecret: what is read is written as it was, but for white space around it.
func FuzzScrambleSecret(f *testing.F) {
	f.Add(scrambleSecret(f, 5).UnsafeText())
	f.Add("scramble:")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := cryptobox.ParseScrambleSecret(text)
		if (err == nil) == s.IsZero() || err == nil && s.UnsafeText() != strings.TrimSpace(text) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
