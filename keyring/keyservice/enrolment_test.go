package keyservice_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

func newIdentity(t testing.TB, name string, hybrid bool) *keyservice.Identity {
	t.Helper()
	i, err := keyservice.GenerateIdentity(name, hybrid)
	require.NoError(t, err)
	return i
}

func enrolment(t testing.TB, i *keyservice.Identity) keyservice.Enrolment {
	t.Helper()
	e, err := i.Enrolment()
	require.NoError(t, err)
	return e
}

// TestEnrolment: the line says who the member is, in one spelling, however it was broken.
func TestEnrolment(t *testing.T) {
	for _, hybrid := range []bool{false, true} {
		me := newIdentity(t, "shop-2.Main_x", hybrid)
		e := enrolment(t, me)
		require.Equal(t, "shop-2.Main_x", e.Name)
		require.Equal(t, me.SigningKey().Public(), e.Key)
		require.Equal(t, me.Recipient(), e.Recipient)
		require.Equal(t, hybrid, e.Hybrid())
		require.NoError(t, e.Verify())
		line := e.String()
		require.Len(t, strings.Split(line, " "), 5)
		for _, form := range []string{line, " \t" + strings.ReplaceAll(line, " ", "  \r\n\t ") + "\n\n", strings.ReplaceAll(line, " ", "\u00a0")} {
			read, err := keyservice.ParseEnrolment(form)
			require.NoError(t, err)
			require.True(t, read == e)
			require.Equal(t, line, read.String())
		}
		text, err := json.Marshal(map[string]keyservice.Enrolment{"m": e})
		require.NoError(t, err)
		var back map[string]keyservice.Enrolment
		require.NoError(t, json.Unmarshal(text, &back))
		require.True(t, back["m"] == e)
		require.Error(t, json.Unmarshal([]byte(`"`+line[1:]+`"`), &e))
		require.Equal(t, line, e.String(), "what doesn't parse changes nothing")
	}
	require.Empty(t, keyservice.Enrolment{}.String())
}

// TestEnrolmentIsSigned: nothing of a line can be changed, and none is made without the key.
func TestEnrolmentIsSigned(t *testing.T) {
	mine, other := enrolment(t, newIdentity(t, "shop", false)), enrolment(t, newIdentity(t, "shop", false))
	words, others := strings.Fields(mine.String()), strings.Fields(other.String())
	for at := 1; at < len(words); at++ {
		mixed := append([]string{}, words...)
		if mixed[at] = others[at]; at == 1 {
			mixed[at] = "desk"
		}
		_, err := keyservice.ParseEnrolment(strings.Join(mixed, " "))
		require.ErrorIs(t, err, keyservice.ErrEnrolment)
		require.ErrorContains(t, err, "its signature isn't by the key in it")
	}
	bare := keyservice.Enrolment{Name: mine.Name, Key: mine.Key, Recipient: mine.Recipient}
	require.ErrorIs(t, bare.Verify(), keyservice.ErrEnrolment)
	mine.Name = "desk"
	require.ErrorIs(t, mine.Verify(), keyservice.ErrEnrolment)
	_, err := mine.MarshalText()
	require.ErrorIs(t, err, keyservice.ErrEnrolment)
	require.ErrorIs(t, keyservice.Enrolment{}.Verify(), keyservice.ErrEnrolment)
}

// signedAs gives the line of what a member could sign, whether it is one or not.
func signedAs(t testing.TB, name, recipient string) string {
	t.Helper()
	key := cryptobox.GenerateSigningKey()
	signature, err := statement.Identity{Name: name, Key: key.Public(), Recipient: recipient}.Sign(key)
	require.NoError(t, err)
	return fmt.Sprintf("wampbox-identity-1 %s %v %s %s", name, key.Public(), recipient, base64.StdEncoding.EncodeToString(signature[:]))
}

// TestBadEnrolments are refused with a text that says what to do, and repeats nothing.
func TestBadEnrolments(t *testing.T) {
	secret, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	to := secret.Recipient().String()
	line := signedAs(t, "shop", to)
	_, err = keyservice.ParseEnrolment(line)
	require.NoError(t, err, "what these are made from is good")
	words := strings.Fields(line)
	with := func(at int, word string) string {
		changed := append([]string{}, words...)
		changed[at] = word
		return strings.Join(changed, " ")
	}
	for text, says := range map[string]string{
		"":                               "doesn't begin with wampbox-identity-1",
		" \n":                            "doesn't begin with wampbox-identity-1",
		secret.String():                  "doesn't begin with wampbox-identity-1",
		with(0, "wampbox-identity-2"):    "doesn't begin with wampbox-identity-1",
		with(4, ""):                      "it has 4 words in place of 5",
		line + " " + line:                "it has 10 words in place of 5",
		line + strings.Repeat(" ", 8192): "a line has 8192 at most",
		with(2, words[2][8:]):            "verify key",
		with(2, "x25519:"+words[2][8:]):  "verify key",
		with(2, "ed25519:"+strings.Repeat("A", 43)+"="):                               "low order",
		with(4, words[4][:86]):                                                        "its last word is no signature",
		with(4, words[4][:85]+"_=="):                                                  "its last word is no signature",
		with(4, base64.StdEncoding.EncodeToString(make([]byte, 63))):                  "its last word is no signature",
		with(4, base64.StdEncoding.EncodeToString(make([]byte, 64))):                  "its signature isn't by the key in it",
		signedAs(t, strings.Repeat("a", 65), to):                                      "1 to 64 characters, and not 65",
		signedAs(t, ".shop", to):                                                      "letters and digits of ASCII",
		signedAs(t, "../shop", to):                                                    "letters and digits of ASCII",
		signedAs(t, "a/b", to):                                                        "letters and digits of ASCII",
		signedAs(t, "b\u00fcro", to):                                                  "letters and digits of ASCII",
		signedAs(t, "shop", strings.ToUpper(to)):                                      "the recipient is none",
		signedAs(t, "shop", to[:len(to)-1]):                                           "the recipient is none",
		signedAs(t, "shop", secret.String()):                                          "the recipient is none",
		signedAs(t, "shop", "ssh-ed25519"):                                            "the recipient is none",
		signedAs(t, "shop", "age1pq1"+to[4:]):                                         "the recipient is none",
		signedAs(t, "shop", "age1"+strings.Repeat("q", 4093)):                         "a recipient of 4097 bytes",
		signedAs(t, "shop", "age1yubikey1q2w7u3vpya839jxxuq8g0sedh3d740d4xvn639sqhr"): "the recipient is none",
		// 32 zero bytes, a point of low order: age reads it, and can't encrypt to it.
		signedAs(t, "shop", "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"): "nothing can be encrypted to the recipient",
	} {
		e, err := keyservice.ParseEnrolment(text)
		require.ErrorIs(t, err, keyservice.ErrEnrolment, "%.100q", text)
		require.ErrorContains(t, err, says, "%.100q", text)
		require.Zero(t, e)
		var typed *keyservice.Error
		require.ErrorAs(t, err, &typed)
		for _, word := range strings.Fields(text) {
			if len(word) > 40 {
				require.NotContains(t, err.Error(), word)
			}
		}
	}
}

// FuzzParseEnrolment: what is read is written back the same way, and was signed; an error gives
// nothing.
func FuzzParseEnrolment(f *testing.F) {
	for _, hybrid := range []bool{false, true} {
		line := enrolment(f, newIdentity(f, "shop", hybrid)).String()
		f.Add(line)
		f.Add("\t" + strings.ReplaceAll(line, " ", "\n"))
		f.Add(strings.ToUpper(line))
		f.Add(line[:len(line)-3])
	}
	f.Fuzz(func(t *testing.T, line string) {
		e, err := keyservice.ParseEnrolment(line)
		if err != nil {
			require.ErrorIs(t, err, keyservice.ErrEnrolment)
			require.Zero(t, e)
			return
		}
		require.NoError(t, e.Verify())
		require.Equal(t, strings.Join(strings.Fields(line), " "), e.String())
	})
}
