package cryptobox_test

import (
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// module is a Device that counts, and does as it is told.
type module struct {
	private *ecdh.PrivateKey
	calls   atomic.Int64
	instead atomic.Pointer[func() ([]byte, error)] // of a secret
}

func newModule(t testing.TB, private []byte) *module {
	t.Helper()
	k, err := ecdh.X25519().NewPrivateKey(private)
	require.NoError(t, err)
	return &module{private: k}
}

func (m *module) Public() cryptobox.PublicKey {
	k, err := cryptobox.NewPublicKey(m.private.PublicKey().Bytes())
	if err != nil {
		panic(err)
	}
	return k
}

func (m *module) ECDH(peer cryptobox.PublicKey) ([]byte, error) {
	m.calls.Add(1)
	if f := m.instead.Load(); f != nil {
		return (*f)()
	}
	public, err := ecdh.X25519().NewPublicKey(peer.Bytes())
	if err != nil {
		return nil, err
	}
	return m.private.ECDH(public)
}

// does makes the module fail, or go on with nil.
func (m *module) does(f func() ([]byte, error)) {
	if f == nil {
		m.instead.Store(nil)
		return
	}
	m.instead.Store(&f)
}

func deviceBox(t testing.TB, m *module, peer cryptobox.PublicKey) *cryptobox.Box {
	t.Helper()
	box, err := cryptobox.NewDeviceBox(m, peer)
	require.NoError(t, err)
	return box
}

// The keys of RFC 7748, section 6.1, which NaCl's own tests use too (scalarmult,
// core1 and box of nacl-20110221), with the key that these give for a box.
const (
	alicePrivate = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
	bobPrivate   = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
	aliceAndBob  = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
	beforenm     = "1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389"
)

func TestDeviceBoxHasTheKeyOfNaCl(t *testing.T) {
	alice, bob := newModule(t, unhex(t, alicePrivate)), newModule(t, unhex(t, bobPrivate))
	secret, err := alice.ECDH(bob.Public())
	require.NoError(t, err)
	require.Equal(t, unhex(t, aliceAndBob), secret, "what a Device gives is RFC 7748's")

	want, err := cryptobox.NewSymmetricKey(unhex(t, beforenm))
	require.NoError(t, err)
	other, err := cryptobox.NewSecretBox(want)
	require.NoError(t, err)
	software, err := cryptobox.NewBox(mustPrivate(t, bobPrivate), alice.Public())
	require.NoError(t, err)
	for _, box := range []*cryptobox.Box{deviceBox(t, alice, bob.Public()), deviceBox(t, bob, alice.Public())} {
		require.Equal(t, software.Overhead(), box.Overhead())
		for _, peer := range []*cryptobox.Box{other, software} {
			sealed, err := box.Seal([]byte("text"))
			require.NoError(t, err)
			opened, err := peer.Open(sealed)
			require.NoError(t, err)
			require.Equal(t, "text", string(opened))
			sealed, err = peer.Seal([]byte("answer"))
			require.NoError(t, err)
			opened, err = box.Open(sealed)
			require.NoError(t, err)
			require.Equal(t, "answer", string(opened))
		}
	}
}

// Autobahn's payloads open with their keys in a device.
func TestDeviceOpensAutobahnPayloads(t *testing.T) {
	var file autobahnFile
	readVectors(t, "autobahn_cryptobox.json", &file)
	module := func(name string) *module { return newModule(t, mustPrivate(t, file.Keys[name]).UnsafeBytes()) }
	originator, responder, both := module("originator_priv"), module("responder_priv"), module("default_priv")
	boxes := map[string]*cryptobox.Box{
		"originator":  deviceBox(t, responder, originator.Public()),
		"responder":   deviceBox(t, originator, responder.Public()),
		"default key": deviceBox(t, both, both.Public()),
	}
	require.NotEmpty(t, file.Vectors)
	for _, v := range file.Vectors {
		payload, err := base64.StdEncoding.DecodeString(v.Payload)
		require.NoError(t, err)
		require.Contains(t, boxes, v.SealedBy)
		_, err = boxes[v.SealedBy].Open(payload)
		require.NoError(t, err, v.Name)
	}
}

func TestDeviceIsAskedOnceAndLate(t *testing.T) {
	m, peer := newModule(t, unhex(t, alicePrivate)), cryptobox.GenerateKey().Public()
	box := deviceBox(t, m, peer)
	require.Zero(t, m.calls.Load(), "not before it is used")
	for range 3 {
		sealed, err := box.Seal([]byte("text"))
		require.NoError(t, err)
		_, err = box.Open(sealed)
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, m.calls.Load())

	m.does(func() ([]byte, error) { return nil, errLocked })
	_, err := box.Seal([]byte("text"))
	require.NoError(t, err, "the device is no longer needed")
}

var errLocked = errors.New("locked")

func TestDeviceFailuresAreToldAndTriedAgain(t *testing.T) {
	for _, tc := range []struct {
		name   string
		does   func() ([]byte, error)
		is     []error
		isNot  error
		saying string
	}{
		{"its own error", func() ([]byte, error) { return nil, errLocked }, []error{cryptobox.ErrDevice, errLocked}, cryptobox.ErrWeakKey, "locked"},
		{"an error and a secret", func() ([]byte, error) { return unhex(t, aliceAndBob), errLocked }, []error{cryptobox.ErrDevice, errLocked}, nil, "locked"},
		{"nothing", func() ([]byte, error) { return nil, nil }, []error{cryptobox.ErrDevice}, nil, "0 bytes"},
		{"too little", func() ([]byte, error) { return make([]byte, 31), nil }, []error{cryptobox.ErrDevice}, cryptobox.ErrWeakKey, "31 bytes"},
		{"too much", func() ([]byte, error) { return append(unhex(t, aliceAndBob), 1), nil }, []error{cryptobox.ErrDevice}, nil, "33 bytes"},
		{"all zero", func() ([]byte, error) { return make([]byte, 32), nil }, []error{cryptobox.ErrWeakKey}, cryptobox.ErrDevice, "shared secret"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := newModule(t, unhex(t, alicePrivate))
			box := deviceBox(t, m, m.Public())
			m.does(tc.does)
			for i := range 2 {
				var keyError *cryptobox.KeyError
				out, err := box.Seal([]byte("text"))
				require.Nil(t, out)
				require.ErrorAs(t, err, &keyError)
				out, err = box.Open(make([]byte, 100))
				require.Nil(t, out)
				require.ErrorAs(t, err, &keyError)
				require.NotErrorIs(t, err, cryptobox.ErrOpen, "the payload isn't to blame")
				for _, want := range tc.is {
					require.ErrorIs(t, err, want)
				}
				if tc.isNot != nil {
					require.NotErrorIs(t, err, tc.isNot)
				}
				require.ErrorContains(t, err, tc.saying)
				require.NotContains(t, err.Error(), aliceAndBob[:8])
				require.EqualValues(t, 2*i+2, m.calls.Load(), "asked again")
			}
			m.does(nil)
			sealed, err := box.Seal([]byte("text"))
			require.NoError(t, err)
			_, err = box.Open(sealed)
			require.NoError(t, err)
		})
	}
}

func TestDevicesThatAreRefused(t *testing.T) {
	m := newModule(t, unhex(t, alicePrivate))
	for name, tc := range map[string]struct {
		device cryptobox.Device
		peer   cryptobox.PublicKey
		want   error
	}{
		"no device":              {nil, m.Public(), cryptobox.ErrKey},
		"no peer":                {m, cryptobox.PublicKey{}, cryptobox.ErrWeakKey},
		"a device without a key": {keyless{}, m.Public(), cryptobox.ErrWeakKey},
	} {
		box, err := cryptobox.NewDeviceBox(tc.device, tc.peer)
		require.Nil(t, box, name)
		require.ErrorIs(t, err, tc.want, name)
		var keyError *cryptobox.KeyError
		require.ErrorAs(t, err, &keyError, name)
	}
}

type keyless struct{}

func (keyless) Public() cryptobox.PublicKey              { return cryptobox.PublicKey{} }
func (keyless) ECDH(cryptobox.PublicKey) ([]byte, error) { return nil, errLocked }

// Those who meet while the device is asked wait for that one answer, good or
// bad: a device that takes its time to fail isn't asked by one after the other.
func TestDeviceIsAskedOnceForAll(t *testing.T) {
	const users = 50
	synctest.Test(t, func(t *testing.T) {
		m := newModule(t, unhex(t, alicePrivate))
		box := deviceBox(t, m, m.Public())
		all := func() (failed int64) {
			var wg sync.WaitGroup
			var n atomic.Int64
			for range users {
				wg.Go(func() {
					if _, err := box.Seal([]byte("text")); err != nil {
						n.Add(1)
					}
				})
			}
			wg.Wait()
			return n.Load()
		}
		start := time.Now()
		m.does(func() ([]byte, error) {
			time.Sleep(5 * time.Second)
			return nil, errLocked
		})
		require.EqualValues(t, users, all())
		require.EqualValues(t, 1, m.calls.Load())
		require.Equal(t, 5*time.Second, time.Since(start))

		m.does(func() ([]byte, error) {
			time.Sleep(time.Second)
			return unhex(t, aliceAndBob), nil
		})
		require.Zero(t, all())
		require.EqualValues(t, 2, m.calls.Load())
	})
}

// A device that panics has failed, for who asked it and for who waited.
func TestDevicePanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule(t, unhex(t, alicePrivate))
		box := deviceBox(t, m, m.Public())
		m.does(func() ([]byte, error) {
			time.Sleep(time.Second)
			panic("broken")
		})
		var wg sync.WaitGroup
		var asked error
		wg.Go(func() { _, asked = box.Seal(nil) })
		synctest.Wait() // it is in the device now
		_, err := box.Seal(nil)
		wg.Wait()
		for _, err := range []error{asked, err} {
			require.ErrorIs(t, err, cryptobox.ErrDevice)
			require.ErrorContains(t, err, "panicked: a device's ECDH, in ")
			require.NotContains(t, err.Error(), "broken")
		}
		m.does(nil)
		_, err = box.Seal(nil)
		require.NoError(t, err)
	})
}

// faceless panics where it is asked for its public key.
type faceless struct{ *module }

func (faceless) Public() cryptobox.PublicKey { panic("broken") }

func TestDevicePanicOfThePublicKey(t *testing.T) {
	m := newModule(t, unhex(t, alicePrivate))
	_, err := cryptobox.NewDeviceBox(faceless{m}, m.Public())
	require.ErrorIs(t, err, cryptobox.ErrDevice)
	require.NotContains(t, err.Error(), "broken")
}

// The secret that a device gave doesn't stay where it put it.
func TestDeviceSecretIsOverwritten(t *testing.T) {
	m := newModule(t, unhex(t, alicePrivate))
	secret := unhex(t, aliceAndBob)
	m.does(func() ([]byte, error) { return secret, nil })
	_, err := deviceBox(t, m, m.Public()).Seal(nil)
	require.NoError(t, err)
	require.Equal(t, make([]byte, 32), secret)
}
