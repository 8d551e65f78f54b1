package cryptobox_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/mlkem"
	"crypto/rand"
	"crypto/sha3"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// signingModule is a crypto.Signer that does as it is told.
type signingModule struct {
	private ed25519.PrivateKey
	public  func() crypto.PublicKey
	instead func(message []byte) ([]byte, error)
}

func newSigningModule() *signingModule {
	m := &signingModule{private: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))}
	m.public = func() crypto.PublicKey { return m.private.Public() }
	return m
}

func (m *signingModule) Public() crypto.PublicKey { return m.public() }

func (m *signingModule) Sign(r io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if m.instead != nil {
		return m.instead(message)
	}
	return m.private.Sign(r, message, opts)
}

func TestSigningDevice(t *testing.T) {
	m := newSigningModule()
	k, err := cryptobox.NewSigningDevice(m)
	require.NoError(t, err)
	software, err := cryptobox.NewSigningKey(m.private.Seed())
	require.NoError(t, err)
	require.Equal(t, software.Public(), k.Public())
	require.True(t, k.Equal(software) && software.Equal(k))
	require.False(t, k.IsZero())
	require.Nil(t, k.UnsafeBytes())
	require.Empty(t, k.UnsafeText())
	want, err := cryptobox.Sign(software, []byte("message"))
	require.NoError(t, err)
	got, err := cryptobox.Sign(k, []byte("message"))
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestSigningDeviceFailures(t *testing.T) {
	m := newSigningModule()
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32))
	for name, tc := range map[string]struct {
		does   func(message []byte) ([]byte, error)
		saying string
	}{
		"its own error":             {func([]byte) ([]byte, error) { return nil, errLocked }, "locked"},
		"an error and a signature":  {func(b []byte) ([]byte, error) { return ed25519.Sign(m.private, b), errLocked }, "locked"},
		"a panic":                   {func([]byte) ([]byte, error) { panic("broken") }, "panicked: a device's Sign, in "},
		"nothing":                   {func([]byte) ([]byte, error) { return nil, nil }, "0 bytes, not 64"},
		"too little":                {func(b []byte) ([]byte, error) { return ed25519.Sign(m.private, b)[:63], nil }, "63 bytes"},
		"too much":                  {func(b []byte) ([]byte, error) { return append(ed25519.Sign(m.private, b), 0), nil }, "65 bytes"},
		"another key's":             {func(b []byte) ([]byte, error) { return ed25519.Sign(other, b), nil }, "isn't one by its public key"},
		"of another message":        {func(b []byte) ([]byte, error) { return ed25519.Sign(m.private, append(b, 0)), nil }, "isn't one by"},
		"zeros":                     {func([]byte) ([]byte, error) { return make([]byte, 64), nil }, "isn't one by"},
		"of what it made of it":     {func(b []byte) ([]byte, error) { b[0]++; return ed25519.Sign(m.private, b), nil }, "isn't one by"},
		"a bit of S":                {func(b []byte) ([]byte, error) { return flipped(ed25519.Sign(m.private, b), 40, 1), nil }, "isn't one by"},
		"a signature in other form": {func([]byte) ([]byte, error) { return []byte("-----BEGIN SIGNATURE-----"), nil }, "25 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newSigningModule()
			k, err := cryptobox.NewSigningDevice(m)
			require.NoError(t, err)
			m.instead = tc.does
			message := []byte("message")
			signature, err := cryptobox.Sign(k, message)
			require.Equal(t, make([]byte, 64), signature)
			requireKeyError(t, err, "device", cryptobox.ErrDevice)
			require.ErrorContains(t, err, tc.saying)
			require.NotContains(t, err.Error(), "broken")
			require.Equal(t, "message", string(message))
			m.instead = nil
			_, err = cryptobox.Sign(k, message)
			require.NoError(t, err, "it is asked again")
		})
	}
}

func TestSigningDevicesThatAreRefused(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	var none *signingModule
	gives := func(public any) crypto.Signer {
		m := newSigningModule()
		m.public = func() crypto.PublicKey { return public }
		return m
	}
	broken := newSigningModule()
	broken.public = func() crypto.PublicKey { panic("broken") }
	for name, tc := range map[string]struct {
		signer crypto.Signer
		what   string
		want   error
	}{
		"none":             {nil, "device", cryptobox.ErrKey},
		"a nil one":        {none, "device", cryptobox.ErrDevice},
		"a panic":          {broken, "device", cryptobox.ErrDevice},
		"ECDSA":            {p256, "device's public key", cryptobox.ErrKey},
		"nothing":          {gives(nil), "device's public key", cryptobox.ErrKey},
		"bytes":            {gives(make([]byte, 32)), "device's public key", cryptobox.ErrKey},
		"a pointer":        {gives(new(ed25519.PublicKey)), "device's public key", cryptobox.ErrKey},
		"a short one":      {gives(ed25519.PublicKey(make([]byte, 31))), "verify key", cryptobox.ErrKey},
		"of small order":   {gives(ed25519.PublicKey(unhex(t, smallOrder[4]))), "verify key", cryptobox.ErrWeakKey},
		"not on the curve": {gives(ed25519.PublicKey(append([]byte{2}, make([]byte, 31)...))), "verify key", cryptobox.ErrKey},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := cryptobox.NewSigningDevice(tc.signer)
			requireKeyError(t, err, tc.what, tc.want)
			require.NotContains(t, err.Error(), "broken")
			require.True(t, k.IsZero())
		})
	}
}

// TestSigningDevicePublicIsCopied: what a device does with it later changes nothing.
func TestSigningDevicePublicIsCopied(t *testing.T) {
	m := newSigningModule()
	given := bytes.Clone(m.private.Public().(ed25519.PublicKey))
	m.public = func() crypto.PublicKey { return ed25519.PublicKey(given) }
	k, err := cryptobox.NewSigningDevice(m)
	require.NoError(t, err)
	clear(given)
	_, err = cryptobox.Sign(k, nil)
	require.NoError(t, err)
}

// reader is a key exchanger, with an ML-KEM key in suite 5, that counts and does as it is told.
type reader struct {
	private      *ecdh.PrivateKey
	pq           *mlkem.DecapsulationKey768 // nil in suite 4
	public       func() *ecdh.PublicKey
	encapsulator func() crypto.Encapsulator
	calls        atomic.Int64
	ecdh, decaps func(right []byte) ([]byte, error) // instead
}

// newReader keeps the two keys that X-Wing makes from its private key: draft-connolly-cfrg-
// xwing-kem, section 5.2.
func newReader(t testing.TB, suite cryptobox.Suite, private []byte) *reader {
	t.Helper()
	r := new(reader)
	if suite == cryptobox.SuiteSignedPQ {
		expanded := sha3.SumSHAKE256(private, 96)
		var err error
		r.pq, err = mlkem.NewDecapsulationKey768(expanded[:64])
		require.NoError(t, err)
		r.encapsulator = r.pq.Encapsulator
		private = expanded[64:]
	}
	var err error
	r.private, err = ecdh.X25519().NewPrivateKey(private)
	require.NoError(t, err)
	r.public = r.private.PublicKey
	return r
}

func (r *reader) make() (cryptobox.ReadingKey, error) {
	if r.pq == nil {
		return cryptobox.NewReadingDevice(r, nil)
	}
	return cryptobox.NewReadingDevice(r, r)
}

func (r *reader) key(t testing.TB) cryptobox.ReadingKey {
	t.Helper()
	k, err := r.make()
	require.NoError(t, err)
	return k
}

func (r *reader) PublicKey() *ecdh.PublicKey { return r.public() }

func (r *reader) Curve() ecdh.Curve { return ecdh.X25519() }

func (r *reader) ECDH(peer *ecdh.PublicKey) ([]byte, error) {
	r.calls.Add(1)
	secret, err := r.private.ECDH(peer)
	if err == nil && r.ecdh != nil {
		return r.ecdh(secret)
	}
	return secret, err
}

func (r *reader) Encapsulator() crypto.Encapsulator { return r.encapsulator() }

func (r *reader) Decapsulate(ciphertext []byte) ([]byte, error) {
	r.calls.Add(1)
	secret, err := r.pq.Decapsulate(ciphertext)
	clear(ciphertext) // it is the device's
	if err == nil && r.decaps != nil {
		return r.decaps(secret)
	}
	return secret, err
}

// TestReadingDevice computes the same as its key in software, for several at once, and nothing
// of its secrets stays where it put them.
func TestReadingDevice(t *testing.T) {
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		private := bytes.Repeat([]byte{7}, 32)
		software, err := cryptobox.NewReadingKey(suite, private)
		require.NoError(t, err)
		r := newReader(t, suite, private)
		k := r.key(t)
		require.True(t, k.Equal(software) && software.Equal(k))
		require.Equal(t, suite, k.Suite())
		require.False(t, k.IsZero())
		require.Nil(t, k.UnsafeBytes())
		require.Empty(t, k.UnsafeText())
		require.Zero(t, r.calls.Load(), "not before it is used")
		encapsulated, sent, err := cryptobox.Send(k.Public(), []byte("info"))
		require.NoError(t, err)
		before := bytes.Clone(encapsulated)
		var wg sync.WaitGroup
		received := make([]cryptobox.Exporter, 4)
		errs := make([]error, len(received))
		for i := range received {
			wg.Go(func() { received[i], errs[i] = cryptobox.Receive(k, encapsulated, []byte("info")) })
		}
		wg.Wait()
		for i := range received {
			require.NoError(t, errs[i])
			require.Equal(t, exported(t, sent), exported(t, received[i]))
		}
		require.Equal(t, before, encapsulated)

		var kept [][]byte
		keep := func(right []byte) ([]byte, error) { kept = append(kept, right); return right, nil }
		r.ecdh, r.decaps = keep, keep
		_, err = cryptobox.Receive(k, encapsulated, nil)
		require.NoError(t, err)
		require.Len(t, kept, int(suite)-3)
		for _, secret := range kept {
			require.Equal(t, make([]byte, 32), secret)
		}
	}
}

func TestReadingDeviceFailures(t *testing.T) {
	for name, tc := range map[string]struct {
		does   func(right []byte) ([]byte, error)
		saying string
		is     error
	}{
		"its own error":         {func([]byte) ([]byte, error) { return nil, errLocked }, "locked", errLocked},
		"an error and a secret": {func(b []byte) ([]byte, error) { return b, errLocked }, "locked", errLocked},
		"a panic":               {func([]byte) ([]byte, error) { panic("broken") }, "panicked: a device's ", nil},
		"nothing":               {func([]byte) ([]byte, error) { return nil, nil }, "0 bytes, not 32", nil},
		"too little":            {func(b []byte) ([]byte, error) { return b[:31], nil }, "31 bytes", nil},
		"too much":              {func(b []byte) ([]byte, error) { return append(b, 0), nil }, "33 bytes", nil},
	} {
		for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
			t.Run(name+" "+suite.String(), func(t *testing.T) {
				r := newReader(t, suite, bytes.Repeat([]byte{7}, 32))
				if suite == cryptobox.SuiteSignedPQ {
					requireDeviceFails(t, r, &r.decaps, tc.does, tc.saying, tc.is)
				}
				requireDeviceFails(t, r, &r.ecdh, tc.does, tc.saying, tc.is)
			})
		}
	}
	r := newReader(t, cryptobox.SuiteSigned, bytes.Repeat([]byte{7}, 32))
	requireDeviceFails(t, r, &r.ecdh, func([]byte) ([]byte, error) { return make([]byte, 32), nil }, "all zero", nil)
}

func requireDeviceFails(t *testing.T, r *reader, instead *func([]byte) ([]byte, error), does func([]byte) ([]byte, error), saying string, is error) {
	t.Helper()
	k := r.key(t)
	encapsulated, _, err := cryptobox.Send(k.Public(), nil)
	require.NoError(t, err)
	*instead = does
	_, err = cryptobox.Receive(k, encapsulated, nil)
	requireKeyError(t, err, "device", cryptobox.ErrDevice)
	require.NotErrorIs(t, err, cryptobox.ErrOpen, "the message isn't to blame")
	require.ErrorContains(t, err, saying)
	require.NotContains(t, err.Error(), "broken")
	if is != nil {
		require.ErrorIs(t, err, is)
	}
	*instead = nil
	_, err = cryptobox.Receive(k, encapsulated, nil)
	require.NoError(t, err, "it is asked again")
}

// encapsulator is a public key of ML-KEM in a type of its own.
type encapsulator []byte

func (e encapsulator) Bytes() []byte { return e }

func (encapsulator) Encapsulate() (sharedKey, ciphertext []byte) { panic("broken") }

func TestReadingDevicesThatAreRefused(t *testing.T) {
	_, err := cryptobox.NewReadingDevice(nil, nil)
	requireKeyError(t, err, "device", cryptobox.ErrKey)
	var none *reader
	_, err = cryptobox.NewReadingDevice(none, nil)
	requireKeyError(t, err, "device", cryptobox.ErrDevice)
	_, err = cryptobox.NewReadingDevice(newReader(t, cryptobox.SuiteSigned, bytes.Repeat([]byte{7}, 32)), none)
	requireKeyError(t, err, "device", cryptobox.ErrDevice)
	p256, err := ecdh.P256().GenerateKey(rand.Reader)
	require.NoError(t, err)
	_, err = cryptobox.NewReadingDevice(p256, nil)
	requireKeyError(t, err, "device's public key", cryptobox.ErrKey)
	low, err := ecdh.X25519().NewPublicKey(unhex(t, lowOrder[1]))
	require.NoError(t, err)
	larger, err := mlkem.GenerateKey1024()
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		change func(*reader)
		what   string
		want   error
	}{
		"no public key":       {func(r *reader) { r.public = func() *ecdh.PublicKey { return nil } }, "device's public key", cryptobox.ErrKey},
		"an empty public key": {func(r *reader) { r.public = func() *ecdh.PublicKey { return new(ecdh.PublicKey) } }, "device's public key", cryptobox.ErrKey},
		"of another curve":    {func(r *reader) { r.public = p256.PublicKey }, "device's public key", cryptobox.ErrKey},
		"a panic":             {func(r *reader) { r.public = func() *ecdh.PublicKey { panic("broken") } }, "device", cryptobox.ErrDevice},
		"of low order":        {func(r *reader) { r.public = func() *ecdh.PublicKey { return low } }, "reading public key", cryptobox.ErrWeakKey},
		"no ML-KEM key":       {func(r *reader) { r.encapsulator = func() crypto.Encapsulator { return nil } }, "device's public key", cryptobox.ErrKey},
		"ML-KEM-1024":         {func(r *reader) { r.encapsulator = larger.Encapsulator }, "device's public key", cryptobox.ErrKey},
		"a bad ML-KEM key": {func(r *reader) {
			r.encapsulator = func() crypto.Encapsulator { return encapsulator(bytes.Repeat([]byte{0xff}, 1184)) }
		}, "device's public key", cryptobox.ErrKey},
		"an ML-KEM panic": {func(r *reader) { r.encapsulator = func() crypto.Encapsulator { panic("broken") } }, "device", cryptobox.ErrDevice},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReader(t, cryptobox.SuiteSignedPQ, bytes.Repeat([]byte{7}, 32))
			tc.change(r)
			k, err := r.make()
			requireKeyError(t, err, tc.what, tc.want)
			require.NotContains(t, err.Error(), "broken")
			require.True(t, k.IsZero())
		})
	}
	// A public key counts by its bytes.
	r := newReader(t, cryptobox.SuiteSignedPQ, bytes.Repeat([]byte{7}, 32))
	r.encapsulator = func() crypto.Encapsulator { return encapsulator(r.pq.EncapsulationKey().Bytes()) }
	encapsulated, _, err := cryptobox.Send(r.key(t).Public(), nil)
	require.NoError(t, err)
	_, err = cryptobox.Receive(r.key(t), encapsulated, nil)
	require.NoError(t, err)
}
