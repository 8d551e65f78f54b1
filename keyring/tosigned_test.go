package keyring_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// goesOver changes a peer's key from a box to a signed one, on a day by its own clock, which is
// off by the skew.
func goesOver(t testing.TB, r *keyring.Ring, box string, signed keyring.Signing, day time.Time, grace, skew time.Duration) {
	t.Helper()
	p := prefix("com.")
	require.NoError(t, r.AllowUnsigned(p, day.Add(grace-skew)))
	require.NoError(t, r.Add(p, keyring.Signed(signed), from(day.Add(-skew))))
	require.NoError(t, r.SetDates(p, box, keyring.Dates{NotAfter: day.Add(grace - skew)}))
}

// From a box to a signed key: each peer is told some time before the day, in any order, clocks
// differ, and messages take their time. All that one seals the other opens, and after the
// grace what isn't signed opens no more.
func TestFromABoxToASignedKey(t *testing.T) {
	const grace, travel, minute = 10 * time.Minute, 3 * time.Minute, time.Minute
	o, me := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	read := reader(cryptobox.SuiteSigned, "orders")
	for _, told := range [][2]time.Duration{{1 * minute, 9 * minute}, {9 * minute, 1 * minute}, {5 * minute, 5 * minute}} {
		for _, skews := range [][2]time.Duration{{0, 0}, {minute, -minute}, {-minute, minute}} {
			t.Run(fmt.Sprint(told, skews), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					begun := time.Now()
					day := begun.Add(15 * minute)
					sender, receiver := keyring.New(), keyring.New()
					box := keyring.Originator(o, me.Public())
					require.NoError(t, sender.Set(prefix("com."), box))
					require.NoError(t, receiver.Set(prefix("com."), keyring.Responder(me, o.Public())))
					sealed, way := map[cryptobox.Suite]int{}, []*keyring.Version{}
					for at := time.Duration(0); at < 40*minute; at += minute / 2 {
						if at == told[0] {
							goesOver(t, sender, box.ID(), sending("shop", read, "desk"), day, grace, skews[0])
						}
						if at == told[1] {
							goesOver(t, receiver, box.ID(), receiving("desk", read, "shop"), day, grace, skews[1])
						}
						v, err := look(t, sender, "com.x").Sealer(keyring.RoleOriginator)
						require.NoError(t, err, at)
						sealed[v.Suite()]++
						way = append(way, v)
						if len(way) > int(travel/(minute/2)) {
							_, err := look(t, receiver, "com.x").Opener(keyring.RoleResponder, way[0].Key().ID())
							require.NoError(t, err, at)
							way = way[1:]
						}
						time.Sleep(minute / 2)
					}
					require.Greater(t, sealed[cryptobox.SuiteBox], 25)
					require.Greater(t, sealed[cryptobox.SuiteSigned], 45)
					_, err := look(t, receiver, "com.x").Named(keyring.RoleResponder, box.ID())
					require.ErrorIs(t, err, keyring.ErrExpired)
					require.NoError(t, receiver.SetDates(prefix("com."), box.ID(), keyring.Dates{}))
					_, err = look(t, receiver, "com.x").Named(keyring.RoleResponder, box.ID())
					require.ErrorIs(t, err, keyring.ErrUnsigned, "and not by its own date alone")
				})
			})
		}
	}
}
