package format_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// signingOf is what a party of a role has of a signed key.
func signingOf(t testing.TB, keys *set, role string) keyring.Signing {
	t.Helper()
	s := keyring.Signing{Suite: keys.Suite, AnyAnswerer: keys.AnyAnswerer, SignedOnce: keys.SignedOnce}
	var err error
	if text, signs := keys.Signing[role]; signs {
		s.Sign, err = cryptobox.ParseSigningKey(text)
		require.NoError(t, err)
	}
	if role == "originator" {
		s.Answerers = partiesOf(t, keys.Answerers)
		s.Seal, err = cryptobox.ParseReadingPublicKey(keys.Reading.Public)
	} else {
		s.Senders = partiesOf(t, keys.Senders)
		s.Read, err = cryptobox.ParseReadingKey(keys.Reading.Private)
	}
	require.NoError(t, err)
	return s
}

func partiesOf(t testing.TB, list [][2]string) (parties []keyring.Party) {
	t.Helper()
	for _, party := range list {
		key, err := cryptobox.ParseVerifyKey(party[1])
		require.NoError(t, err)
		parties = append(parties, keyring.Party{Name: party[0], Key: key})
	}
	return parties
}

// signedKey makes what seals and opens from parts.
func signedKey(t testing.TB, s keyring.Signing) *cryptobox.SuiteKey {
	t.Helper()
	parts := cryptobox.SignedParts{
		Suite: s.Suite, Sign: s.Sign, Seal: s.Seal, Read: s.Read, AnyAnswerer: s.AnyAnswerer, SignedOnce: s.SignedOnce,
	}
	for _, party := range s.Senders {
		parts.Senders = append(parts.Senders, party.Key)
	}
	for _, party := range s.Answerers {
		parts.Answerers = append(parts.Answerers, party.Key)
	}
	key, err := cryptobox.NewSignedKey(parts)
	require.NoError(t, err)
	return key
}

// everything is what a party has that opens in both directions.
func everything(t testing.TB, keys *set) keyring.Signing {
	t.Helper()
	s, reads := signingOf(t, keys, "originator"), signingOf(t, keys, "responder")
	s.Read, s.Senders = reads.Read, reads.Senders
	return s
}

// exchangeOf opens the call that began an exchange, if there is one.
func exchangeOf(t testing.TB, key *cryptobox.SuiteKey, first any) cryptobox.Exchange {
	t.Helper()
	if first == nil {
		return cryptobox.Exchange{}
	}
	var opened cryptobox.Opened
	defer opened.Release()
	require.NoError(t, key.Open(exact(t, first).([]byte), cryptobox.Message, &opened))
	return opened.Exchange()
}

// sealing gives the key that seals, and what it has to seal, in its exchange.
func sealing(t *testing.T, f *file, want *sealed) (*cryptobox.SuiteKey, cryptobox.Record) {
	t.Helper()
	keys, record := setOf(t, f, want.Keys), recordOf(t, &want.Record)
	if keys.Reading.Public == "" {
		return suiteKey(t, f, want.Keys), record
	}
	s := signingOf(t, keys, want.Role)
	// Who seals an answer also opens it here.
	s.Answerers = nil
	s.AnyAnswerer = true
	key := signedKey(t, s)
	record.Exchange = exchangeOf(t, key, want.First)
	return key, record
}

// outcomes are the errors of opening by the reasons that they become.
var openingErrors = map[string]error{
	"NotOpened": cryptobox.ErrOpen, "WrongSender": cryptobox.ErrSigner, "Malformed": cryptobox.ErrMalformed, "TooLarge": cryptobox.ErrTooLarge,
}

// TestOpening: what Python has sealed in suites 4 and 5 opens, and what doesn't is refused
// for its reason.
func TestOpening(t *testing.T) {
	f := readFile(t)
	require.NotEmpty(t, f.Opening)
	for _, v := range f.Opening {
		t.Run(v.Name, func(t *testing.T) {
			s := everything(t, setOf(t, f, v.Keys))
			key := signedKey(t, s)
			var opened cryptobox.Opened
			defer opened.Release()
			err := key.OpenIn(exchangeOf(t, key, v.First), exact(t, v.Enc).([]byte), v.Direction, &opened)
			want := v.Expect.Record
			if want == nil {
				if v.Expect.Reason == "WrongKind" {
					var wrong *cryptobox.WrongKindError
					require.True(t, errors.As(err, &wrong), "%v", err)
					return
				}
				require.Contains(t, openingErrors, v.Expect.Reason)
				require.ErrorIs(t, err, openingErrors[v.Expect.Reason])
				return
			}
			require.NoError(t, err)
			require.Equal(t, want.Kind.String(), strconv.Itoa(int(opened.Kind)))
			require.Equal(t, want.Realm, opened.Realm())
			require.Equal(t, want.URI, opened.URI())
			record := recordOf(t, want)
			require.Equal(t, record.Head, opened.Head)
			if v.Expect.Token != nil {
				require.Equal(t, tokenOf(t, exact(t, v.Expect.Token).([]byte)), opened.Token)
			}
			requireOpened(t, want, &opened)
			require.Equal(t, v.Expect.Sender, nameIn(s, v.Direction, opened.Signer))
		})
	}
}

// nameIn gives the name that a key has in a list.
func nameIn(s keyring.Signing, direction cryptobox.Direction, key cryptobox.VerifyKey) string {
	list := s.Senders
	if direction == cryptobox.Answer {
		list = s.Answerers
	}
	for _, party := range list {
		if party.Key == key {
			return party.Name
		}
	}
	return ""
}
