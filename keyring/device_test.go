package keyring_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Both ends' private keys are in devices, and so is each end's alone; what they
// seal opens at the other end, under the same id as without devices.
func TestDevicesAreRings(t *testing.T) {
	od, rd := startDevice(t), startDevice(t)
	soft := cryptobox.GenerateKey()
	for _, tc := range []struct {
		name                  string
		originator, responder keyring.Key
	}{
		{"both", keyring.OriginatorDevice(od, rd.Public()), keyring.ResponderDevice(rd, od.Public())},
		{"originator", keyring.OriginatorDevice(od, soft.Public()), keyring.Responder(soft, od.Public())},
		{"responder", keyring.Originator(soft, rd.Public()), keyring.ResponderDevice(rd, soft.Public())},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.originator.ID(), tc.responder.ID())
			require.Len(t, tc.originator.ID(), 26)
			o, r := &party{ring: keyring.New()}, &party{ring: keyring.New()}
			before := od.count() + rd.count()
			require.NoError(t, o.ring.Set(prefix("com.app."), tc.originator))
			require.NoError(t, r.ring.Set(prefix("com.app."), tc.responder))
			e, _ := o.ring.Lookup("com.app.x")
			v, err := e.Sealer(keyring.RoleOriginator)
			require.NoError(t, err)
			require.Equal(t, tc.originator.ID(), v.Key().ID().String())
			require.Equal(t, before, od.count()+rd.count(), "not asked before there is a payload")
			_, err = e.Sealer(keyring.RoleResponder)
			require.ErrorIs(t, err, keyring.ErrWrongRole)

			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for range 20 {
						if err := round(o, r, "text", true); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			devices := map[string]int{"both": 2}[tc.name]
			require.Equal(t, before+max(devices, 1), od.count()+rd.count(), "each device once")
		})
	}
}

// A locked device is an error of each message and not of the ring; unlocked,
// it serves without anybody's doing.
func TestDeviceThatFailsAndRecovers(t *testing.T) {
	d, soft := startDevice(t), cryptobox.GenerateKey()
	o, r := &party{ring: keyring.New()}, &party{ring: keyring.New()}
	require.NoError(t, r.ring.Set(prefix("com.app."), keyring.Responder(soft, d.Public())))
	_, err := d.command("lock")
	require.NoError(t, err)
	require.NoError(t, o.ring.Set(prefix("com.app."), keyring.OriginatorDevice(d, soft.Public())))
	answer, err := sealAs(r.ring, keyring.RoleResponder, "answer")
	require.NoError(t, err)
	for i := range 3 {
		env, err := sealAs(o.ring, keyring.RoleOriginator, "text")
		require.Nil(t, env)
		require.ErrorIs(t, err, cryptobox.ErrDevice)
		require.ErrorIs(t, err, errRemote)
		require.ErrorContains(t, err, "locked")
		_, err = openAs(o.ring, keyring.RoleOriginator, answer)
		require.ErrorIs(t, err, cryptobox.ErrDevice)
		require.NotErrorIs(t, err, cryptobox.ErrOpen)
		require.Equal(t, 2*i+2, d.count(), "asked again each time")
	}
	_, err = d.command("unlock")
	require.NoError(t, err)
	text, err := openAs(o.ring, keyring.RoleOriginator, answer)
	require.NoError(t, err)
	require.Equal(t, "answer", text)

	// Once agreed it isn't needed anymore, for this key.
	d.close()
	require.NoError(t, round(o, r, "text", true))
	require.NoError(t, o.ring.Set(prefix("com.app."), keyring.OriginatorDevice(d, cryptobox.GenerateKey().Public())))
	_, err = sealAs(o.ring, keyring.RoleOriginator, "text")
	require.ErrorIs(t, err, cryptobox.ErrDevice, "the process has ended")
}

// Devices rotate as all keys do: to a device, and to another one.
func TestRotationToADevice(t *testing.T) {
	d, soft, other := startDevice(t), cryptobox.GenerateKey(), cryptobox.GenerateKey()
	o, r := &party{ring: keyring.New()}, &party{ring: keyring.New()}
	require.NoError(t, o.ring.Set(prefix("com.app."), keyring.Originator(other, soft.Public())))
	require.NoError(t, r.ring.Set(prefix("com.app."), keyring.Responder(soft, other.Public())))
	key := keyring.OriginatorDevice(d, soft.Public())
	require.NoError(t, round(o, r, "text", true))
	require.NoError(t, o.ring.Add(prefix("com.app."), key, from(future)))
	require.NoError(t, r.ring.Add(prefix("com.app."), keyring.Responder(soft, d.Public()), from(future)))
	for _, p := range []*party{o, r} {
		require.NoError(t, round(o, r, "text", true))
		require.NoError(t, p.ring.SetDates(prefix("com.app."), key.ID(), from(past)))
	}
	require.Zero(t, d.count()-1, "the responder went over last; its first answer asked the device")
	require.NoError(t, round(o, r, "text", false))
	info := o.ring.Versions(prefix("com.app."))[0]
	require.Equal(t, keyring.VersionInfo{ID: key.ID(), State: keyring.StateActive, Dates: from(past), Kind: "originator", Suite: cryptobox.SuiteBox}, info)
}

// A configuration read anew brings its own device objects: they are asked.
func TestUpdateAsksTheNewDevice(t *testing.T) {
	d, peer := startDevice(t), cryptobox.GenerateKey().Public()
	load := func() *keyring.Ring {
		r := keyring.New()
		require.NoError(t, r.Set(prefix("com.app."), keyring.OriginatorDevice(d, peer)))
		return r
	}
	r := keyring.New()
	for i := range 2 {
		_, err := r.Update("file", load())
		require.NoError(t, err)
		_, err = sealAs(r, keyring.RoleOriginator, "text")
		require.NoError(t, err)
		require.Equal(t, i+1, d.count())
	}
}

func TestUnusableDevices(t *testing.T) {
	d := &remote{public: cryptobox.GenerateKey().Public()}
	var noPub cryptobox.PublicKey
	for name, tc := range map[string]struct {
		key    keyring.Key
		weak   bool
		saying string
	}{
		"originator without device": {keyring.OriginatorDevice(nil, d.public), false, "nil in place of a Device"},
		"responder without device":  {keyring.ResponderDevice(nil, d.public), false, "nil in place of a Device"},
		"without peer":              {keyring.OriginatorDevice(d, noPub), true, "peer's public key"},
		"without a key":             {keyring.ResponderDevice(&remote{}, d.public), true, "device's public key"},
		"that panics":               {keyring.OriginatorDevice((*remote)(nil), d.public), false, "a device's public key"},
	} {
		err := keyring.New().Set(exact("com.x"), tc.key)
		require.ErrorIs(t, err, keyring.ErrKey, name)
		require.Equal(t, tc.weak, zeroKey(err), name)
		require.ErrorContains(t, err, tc.saying, name)
		require.Empty(t, tc.key.ID())
	}
}
