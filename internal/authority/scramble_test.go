package authority_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// sends gives how the router gets a URI from a member now.
func (p *holder) sends(uri string) string {
	p.t.Helper()
	form, err := p.ring.Forms("realm1").Send(uri)
	require.NoError(p.t, err)
	return form.URI(uri)
}

// hears gives what a member asks the router for to hear of a URI.
func (p *holder) hears(uri string) (all []string) {
	p.t.Helper()
	forms, _, err := p.ring.Forms("realm1").Receive(keyring.Exact(uri))
	require.NoError(p.t, err)
	for _, form := range forms {
		all = append(all, form.URI(uri))
	}
	return all
}

// secrets gives the ids of those of a prefix, by the master, that with the latest date first.
func (o *office) secrets(prefix string) (ids []string) {
	o.t.Helper()
	shown, err := o.Show()
	require.NoError(o.t, err)
	for _, one := range shown.Scrambled {
		if one.Prefix == prefix {
			for _, v := range one.Secrets {
				ids = append(ids, v.ID)
			}
		}
	}
	return ids
}

// secretsOf gives the ids of those that a member has.
func (p *holder) secretsOf(prefix string) (ids []string) { return secretsIn(p.ring, prefix) }

func secretsIn(ring *keyring.Ring, prefix string) (ids []string) {
	for one := range ring.Scrambled() {
		if one.Prefix == prefix {
			for _, v := range one.Secrets {
				ids = append(ids, v.ID)
			}
		}
	}
	return ids
}

const under = "com.myapp."

// scrambledPair is a pair whose URIs are scrambled.
func scrambledPair(t testing.TB) (of *office, shop, desk *holder, first string) {
	t.Helper()
	of, shop, desk, _ = pair(t, authority.GrantOptions{})
	made, err := of.Scramble(under, authority.Scrambling{})
	require.NoError(t, err)
	require.Equal(t, []string{"desk", "shop"}, made.Members)
	soon()
	of.issue()
	shop.fetch(of)
	desk.fetch(of)
	require.Equal(t, shop.sends(topic), desk.sends(topic))
	require.NotContains(t, shop.sends(topic), "hello")
	require.Equal(t, []string{made.ID}, shop.secretsOf(under))
	return of, shop, desk, made.ID
}

// TestScramble: who holds patterns below a prefix has its secrets, whatever they are and as whatever
// it holds them, and nobody else.
func TestScramble(t *testing.T) {
	of := newOffice(t, authority.Options{})
	area, other := keyring.Prefix("com.myapp."), keyring.Prefix("com.other.")
	inside := map[string]keyring.Pattern{
		"all": area, "some": keyring.Prefix("com.myapp.x."), "one": keyring.Exact("com.myapp.x.y"), "open": keyring.Wildcard("com.myapp..y"),
	}
	for name, p := range inside {
		of.hold(of.enrol(name, false), p, authority.Responder, authority.GrantOptions{})
	}
	outside := map[string]keyring.Pattern{
		"wide": keyring.Prefix("com."), "beside": other, "look": keyring.Prefix("com.myapp2."), "wild": keyring.Wildcard("com..x"), "default": keyring.Prefix(""),
	}
	for name, p := range outside {
		of.hold(of.enrol(name, false), p, authority.Both, authority.GrantOptions{})
	}
	of.enrol("nothing", false)
	for _, prefix := range []string{under, "com.other."} {
		_, err := of.Scramble(prefix, authority.Scrambling{})
		require.NoError(t, err)
	}
	require.NoError(t, keyfile.Update(filepath.Join(of.dir, "keyring.json"), func(f *keyfile.File) error {
		f.Scrambles[0].Comment, f.Scrambles[0].Secrets[0].Comment = "mine alone", "and this"
		return nil
	}))
	of.issue()
	want := of.secrets(under)
	require.Len(t, want, 1)
	texts := map[string]string{}
	for _, m := range of.status().Members {
		got := of.grantOf(m.Name)
		texts[m.Name] = got.text
		require.NotContains(t, got.text, "mine alone")
		require.NotContains(t, got.text, "and this")
		_, is := inside[m.Name]
		require.Equal(t, m.Name == "beside" || is, strings.Contains(got.text, "scramble:"), m.Name)
	}
	secret := func(i int) string {
		return string(master(t, of.dir).Scrambles[i].Secrets[0].Secret.UnsafeText())
	}
	for name, text := range texts {
		_, is := inside[name]
		require.Equal(t, is, strings.Contains(text, secret(0)), name)
		require.Equal(t, name == "beside", strings.Contains(text, secret(1)), name)
	}
}

// TestScrambleRefused: what members couldn't take isn't written.
func TestScrambleRefused(t *testing.T) {
	of := newOffice(t, authority.Options{})
	of.enrol("shop", false)
	_, err := of.Scramble(under, authority.Scrambling{})
	require.ErrorIs(t, err, authority.ErrMaster, "there is nothing yet")
	holds(t, of.Authority, authority.GrantOptions{}, authority.Both, "shop", area)
	holds(t, of.Authority, foreign("autobahn", 0), authority.Both, "shop", keyring.Prefix("com.theirs."))
	require.NoError(t, keyfile.Update(filepath.Join(of.dir, "keyring.json"), func(f *keyfile.File) error { return f.SetPlain(keyring.Prefix("com.news.")) }))
	_, err = of.Scramble(under, authority.Scrambling{})
	require.NoError(t, err)
	at := time.Now()
	for prefix, want := range map[string]error{
		under: authority.ErrScrambled, "com.": keyring.ErrScrambled, "com.myapp.x.": keyring.ErrScrambled, "com.news.": keyring.ErrScrambled,
		"com.theirs.": keyring.ErrScrambled, "com.open": keyring.ErrPattern, "": keyring.ErrPattern, "wamp.": keyring.ErrPattern, "wampbox.": keyring.ErrPattern, "wampbox.keyring.": keyring.ErrPattern, "com..x.": keyring.ErrPattern,
	} {
		_, err := of.Scramble(prefix, authority.Scrambling{})
		require.ErrorIs(t, err, want, prefix)
	}
	_, err = of.Scramble("com.late.", authority.Scrambling{Activate: at.Add(2 * day), AllowClear: at.Add(day)})
	require.ErrorIs(t, err, authority.ErrOption)
	for _, err := range []error{
		second(of.RotateScramble("com.none.", in(0, day))), second(of.DeferScramble("com.none.", at.Add(day))),
		of.AllowClear("com.none.", at.Add(day)), second(of.Unscramble("com.none.")),
	} {
		require.ErrorIs(t, err, authority.ErrUnscrambled)
	}
	require.ErrorIs(t, second(of.RotateScramble(under, in(day, -2*day))), authority.ErrOption)
	require.ErrorIs(t, second(of.DeferScramble(under, at.Add(day))), authority.ErrNoPending)
	require.ErrorIs(t, second(of.DeferScramble(under, at.Add(-day))), authority.ErrOption)
	err = of.Grant(foreign("autobahn", 0), authority.Granting{Member: "shop", Pattern: keyring.Exact("com.myapp.theirs"), As: authority.Both})
	require.ErrorIs(t, err, keyring.ErrScrambled)
	require.ErrorIs(t, of.Grant(authority.GrantOptions{}, authority.Granting{Member: "shop", Pattern: keyring.Prefix("com.myapp.x"), As: authority.Both}), keyring.ErrPattern)
	require.Len(t, master(t, of.dir).Scrambles, 1)
	of.issue()
}

func second[T any](_ T, err error) error { return err }

// TestScrambleByDates: a system that runs goes over by the date, and takes what is clear for as long
// as is said.
func TestScrambleByDates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, _ := pair(t, authority.GrantOptions{})
		soon()
		at := time.Now()
		made, err := of.Scramble(under, authority.Scrambling{Activate: at.Add(day), AllowClear: at.Add(3 * day)})
		require.NoError(t, err)
		require.True(t, made.ActiveFrom.Equal(at.Add(day)))
		require.True(t, made.ClearUntil.Equal(at.Add(3*day)))
		require.True(t, of.status().Unissued)
		of.issue()
		require.False(t, of.status().Unissued)
		shop.fetch(of)
		require.Equal(t, topic, shop.sends(topic))
		require.Len(t, shop.hears(topic), 2)
		moved, err := of.DeferScramble(under, at.Add(2*day))
		require.NoError(t, err)
		require.Equal(t, made.ID, moved.ID)
		require.True(t, moved.ClearUntil.Equal(at.Add(3*day)))
		require.Empty(t, moved.Old)
		require.ErrorIs(t, second(of.DeferScramble(under, at.Add(4*day))), authority.ErrOption)
		soon()
		of.issue()
		desk.fetch(of) // who has the earlier date takes the later one, as no URI goes clear for longer
		time.Sleep(day)
		require.NotEqual(t, topic, shop.sends(topic), "it has no later date")
		require.Equal(t, topic, desk.sends(topic), "it has the later date")
		require.NoError(t, of.AllowClear(under, time.Time{}))
		soon()
		of.issue()
		time.Sleep(day)
		shop.fetch(of)
		desk.fetch(of)
		require.Equal(t, shop.sends(topic), desk.sends(topic))
		require.Equal(t, []string{shop.sends(topic)}, desk.hears(topic))
	})
}

// TestRotateScramble: each member goes over by its clock, and hears what others send meanwhile; the
// old secret leaves the master and the grants when its end has passed.
func TestRotateScramble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, first := scrambledPair(t)
		of.receipt(shop, "")
		of.receipt(desk, "")
		made, err := of.RotateScramble(under, in(day, 7*day))
		require.NoError(t, err)
		require.Equal(t, first, made.Old)
		require.True(t, made.OldUntil.Equal(made.ActiveFrom.Add(7*day)))
		require.ErrorIs(t, second(of.RotateScramble(under, in(0, day))), authority.ErrLater)
		of.reopen()
		soon()
		of.issue()
		old := shop.sends(topic)
		shop.fetch(of)
		require.Equal(t, old, shop.sends(topic))
		require.Len(t, shop.hears(topic), 2)
		of.receipt(shop, "")
		of.collect()
		secrets := of.status().Scrambled[0].Secrets
		require.Equal(t, []string{made.ID, first}, []string{secrets[0].ID, secrets[1].ID})
		require.Equal(t, []string{"shop"}, secrets[0].Names(authority.Has))
		require.Equal(t, []string{"desk"}, secrets[0].Names(authority.HasNot))
		require.Equal(t, []string{"desk", "shop"}, secrets[1].Names(authority.Has))

		moved, err := of.DeferScramble(under, made.ActiveFrom.Add(day))
		require.NoError(t, err)
		require.Equal(t, made.ID, moved.ID)
		require.True(t, moved.OldUntil.Equal(made.OldUntil.Add(day)))
		soon()
		of.issue()
		shop.fetch(of)
		desk.fetch(of)
		time.Sleep(day + time.Hour)
		require.Equal(t, old, shop.sends(topic))
		time.Sleep(day)
		now := shop.sends(topic)
		require.NotEqual(t, old, now)
		require.Equal(t, now, desk.sends(topic))
		require.Equal(t, []string{now, old}, desk.hears(topic))
		time.Sleep(7 * day)
		require.Equal(t, []string{now}, desk.hears(topic))
		of.issue()
		require.Equal(t, []string{made.ID}, of.secrets(under))
		desk.fetch(of)
		require.Equal(t, []string{made.ID}, desk.secretsOf(under))
	})
}

// TestRotateAtOnce: the one before may end at once too, of a key and of a secret, as when it was stolen.
func TestRotateAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, first := scrambledPair(t)
		at := time.Now()
		time.Sleep(time.Millisecond) // until the command does it
		key, err := of.Rotate(area, authority.Rotation{Activate: at, Retire: at})
		require.NoError(t, err)
		made, err := of.RotateScramble(under, authority.Rotation{Activate: at, Retire: at})
		require.NoError(t, err)
		require.Equal(t, first, made.Old)
		time.Sleep(2 * time.Second)
		of.issue()
		shop.fetch(of)
		desk.fetch(of)
		require.Equal(t, []string{made.ID}, desk.secretsOf(under))
		require.Equal(t, shop.sends(topic), desk.sends(topic))
		require.ErrorIs(t, desk.opens(topic, key.Old), keyring.ErrUnknownID)
		require.NoError(t, desk.opens(topic, shop.seals(topic)))
	})
}

// TestStatusOfSecrets: who comes to hold a pattern below a prefix has its secrets by a grant with that,
// and not by one from before.
func TestStatusOfSecrets(t *testing.T) {
	of, _, _, _ := scrambledPair(t)
	late := of.enrol("late", false)
	of.hold(late, keyring.Prefix("com.else."), authority.Both, authority.GrantOptions{})
	soon()
	of.issue()
	late.fetch(of)
	of.receipt(late, "")
	of.collect()
	of.hold(late, area, authority.Both, authority.GrantOptions{})
	has := func() authority.Having { return of.status().Scrambled[0].Secrets[0].Has["late"] }
	require.Equal(t, authority.HasNot, has())
	of.hold(late, keyring.Exact("com.myapp.new"), authority.Both, authority.GrantOptions{})
	require.Equal(t, authority.HasNot, has())
	soon()
	of.issue()
	require.Equal(t, authority.HasNot, has())
	late.fetch(of)
	of.receipt(late, "")
	of.collect()
	require.Equal(t, authority.Has, has())
}

// TestManyScrambleRotations: as of versions, what is in use stays, however many there were.
func TestManyScrambleRotations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, _ := scrambledPair(t)
		for range 100 { // none of them issued
			require.NoError(t, second(of.RotateScramble(under, in(0, 7*day))))
			soon()
		}
		of.issue()
		require.Len(t, of.secrets(under), 2)
		shop.fetch(of)
		require.Contains(t, shop.hears(topic), desk.sends(topic))
		desk.fetch(of)
		ended := 0
		for range 60 {
			before := shop.sends(topic)
			made, err := of.RotateScramble(under, in(0, 7*day))
			require.NoError(t, err)
			ended += len(made.Ended)
			soon()
			of.issue()
			shop.fetch(of)
			require.Contains(t, shop.hears(topic), before)
		}
		require.Len(t, of.secrets(under), 48)
		require.Equal(t, 14, ended)
		for range 60 { // to come
			if err := second(of.RotateScramble(under, in(day, 7*day))); err != nil {
				require.ErrorIs(t, err, authority.ErrRoom)
				return
			}
			soon()
		}
		t.Fatal("there is no end")
	})
}

// TestRevokeChangesSecrets: all secrets that the member had are gone at once, those to come too, of
// the prefixes below which it held patterns; others stay.
func TestRevokeChangesSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, _, first := scrambledPair(t)
		other := keyring.Prefix("com.other.")
		thief := of.enrol("thief", false)
		of.hold(thief, keyring.Exact("com.myapp.x.y"), authority.Sender, authority.GrantOptions{Suite: cryptobox.SuiteSigned})
		of.hold(shop, other, authority.Both, authority.GrantOptions{})
		_, err := of.Scramble("com.other.", authority.Scrambling{})
		require.NoError(t, err)
		next, err := of.RotateScramble(under, in(day, 7*day))
		require.NoError(t, err)
		soon()
		of.issue()
		shop.fetch(of)
		thief.fetch(of)
		require.ElementsMatch(t, []string{first, next.ID}, thief.secretsOf(under))
		require.Empty(t, thief.secretsOf("com.other."))
		kept, knows := of.secrets("com.other."), thief.hears(topic)
		soon()
		r, err := of.Revoke("thief")
		require.NoError(t, err)
		require.Len(t, r.Scrambled, 1)
		require.Equal(t, under, r.Scrambled[0].Prefix)
		require.ElementsMatch(t, []string{first, next.ID}, r.Scrambled[0].Old)
		require.Equal(t, []string{r.Scrambled[0].New}, of.secrets(under))
		require.Equal(t, kept, of.secrets("com.other."))
		of.reopen()
		of.issue()
		shop.fetch(of)
		require.Equal(t, []string{r.Scrambled[0].New}, shop.secretsOf(under))
		require.NotContains(t, knows, shop.sends(topic))
		require.Equal(t, []string{shop.sends(topic)}, shop.hears(topic), "it doesn't ask by what the member knows")
		time.Sleep(2 * day)
		require.Equal(t, []string{shop.sends(topic)}, shop.hears(topic), "what was to come is no more")
	})
}

// TestWithdrawChangesSecrets: only who holds nothing below a prefix any more is not to know its secret.
func TestWithdrawChangesSecrets(t *testing.T) {
	of, shop, desk, first := scrambledPair(t)
	exact := keyring.Exact("com.myapp.x.y")
	of.hold(desk, exact, authority.Both, authority.GrantOptions{})
	w, err := of.Withdraw("desk", exact)
	require.NoError(t, err)
	require.Empty(t, w.Scrambled)
	require.Equal(t, []string{first}, of.secrets(under))
	w, err = of.Withdraw("desk", area)
	require.NoError(t, err)
	require.Equal(t, []authority.EndedSecrets{{Prefix: under, Old: []string{first}, New: of.secrets(under)[0]}}, hidden(w.Scrambled))
	soon()
	of.issue()
	shop.fetch(of)
	require.NotContains(t, of.grantOf("desk").text, "scramble")
	require.NotEqual(t, []string{first}, shop.secretsOf(under))
	changes := desk.fetch(of)
	require.Equal(t, []string{under}, changes.Scrambled)
	_, err = desk.ring.Forms("realm1").Send(topic)
	require.ErrorIs(t, err, keyring.ErrNoActive, "it sends nothing clear there")
}

// hidden leaves out what isn't told.
func hidden(all []authority.EndedSecrets) (told []authority.EndedSecrets) {
	for _, one := range all {
		told = append(told, authority.EndedSecrets{Prefix: one.Prefix, Old: one.Old, New: one.New})
	}
	return told
}

// TestRevokeSecretOfTwoPrefixes: a secret that another prefix has too, as in a master made of earlier
// files, ends there as well; one that isn't used there any more has no follower.
func TestRevokeSecretOfTwoPrefixes(t *testing.T) {
	of, shop, _, first := scrambledPair(t)
	other, third := keyring.Prefix("com.other."), keyring.Prefix("com.third.")
	of.hold(shop, other, authority.Both, authority.GrantOptions{})
	of.hold(shop, third, authority.Both, authority.GrantOptions{})
	now := cryptobox.GenerateScrambleSecret()
	soon()
	of.issue()
	require.False(t, of.status().Unissued)
	require.NoError(t, keyfile.Update(filepath.Join(of.dir, "keyring.json"), func(f *keyfile.File) error {
		same := keyfile.Text(string(f.Scrambles[0].Secrets[0].Secret.UnsafeText()))
		f.Scrambles = append(f.Scrambles, &keyfile.Scramble{Prefix: "com.other.", Secrets: []*keyfile.ScrambleVersion{{Secret: same}}},
			&keyfile.Scramble{Prefix: "com.third.", Secrets: []*keyfile.ScrambleVersion{
				{Secret: same}, {Secret: keyfile.ScrambleSecret(now), Dates: keyring.Dates{ActiveFrom: time.Now().Add(-time.Hour)}},
			}})
		return nil
	}))
	require.Equal(t, []string{first}, of.secrets("com.other."))
	require.True(t, of.status().Unissued, "another tool has changed it")
	r, err := of.Revoke("desk")
	require.NoError(t, err)
	require.Len(t, r.Scrambled, 3)
	require.NotEqual(t, []string{first}, of.secrets("com.other."))
	require.Len(t, of.secrets("com.other."), 1)
	require.Equal(t, []string{now.ID().String()}, of.secrets("com.third."))
	require.Empty(t, r.Scrambled[2].New)
}

// TestRevokeBeforeScrambling: where the first secret was still to come, the next one is used at once,
// and what others send clear is taken for as long as was said.
func TestRevokeBeforeScrambling(t *testing.T) {
	of, shop, _, _ := pair(t, authority.GrantOptions{})
	first, err := of.Scramble(under, authority.Scrambling{Activate: time.Now().Add(day), AllowClear: time.Now().Add(2 * day)})
	require.NoError(t, err)
	soon()
	of.issue()
	shop.fetch(of)
	require.Equal(t, topic, shop.sends(topic))
	_, err = of.Revoke("desk")
	require.NoError(t, err)
	soon()
	of.issue()
	shop.fetch(of)
	require.NotContains(t, shop.secretsOf(under), first.ID)
	require.Equal(t, []string{shop.sends(topic), topic}, shop.hears(topic))
	require.NotEqual(t, topic, shop.sends(topic))
}

// TestUnscrambledByOthers: that another tool has taken a prefix out is seen.
func TestUnscrambledByOthers(t *testing.T) {
	of, _, _, _ := scrambledPair(t)
	require.False(t, of.status().Unissued)
	require.NoError(t, keyfile.Update(filepath.Join(of.dir, "keyring.json"), func(f *keyfile.File) error { return f.Unscramble(under) }))
	require.True(t, of.status().Unissued)
	soon()
	of.issue()
	require.False(t, of.status().Unissued)
}

// TestUnscramble: members that don't agree refuse the grant, and go on with what they have.
func TestUnscramble(t *testing.T) {
	of, shop, desk, _ := scrambledPair(t)
	members, err := of.Unscramble(under)
	require.NoError(t, err)
	require.Equal(t, []string{"desk", "shop"}, members)
	require.True(t, of.status().Unissued)
	soon()
	of.issue()
	require.False(t, of.status().Unissued)
	got := shop.receive(t, of.grants, of.Key())
	_, err = shop.ring.Update("grants", got.ring)
	require.ErrorIs(t, err, keyring.ErrPlain)
	require.NotEqual(t, topic, shop.sends(topic))
	_, err = desk.ring.Update("grants", got.ring, area)
	require.NoError(t, err)
	require.Equal(t, topic, desk.sends(topic))
}

// TestScrambleOutlivesLease: when a grant has ended nothing is sealed, and nothing is clear either.
func TestScrambleOutlivesLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, shop, _, _ := scrambledPair(t)
		now := shop.sends(topic)
		time.Sleep(40 * day)
		require.Empty(t, shop.seals(topic))
		require.Equal(t, now, shop.sends(topic))
		require.Equal(t, []string{now}, shop.hears(topic))
	})
}

// TestScrambleTooLarge: secrets count for how large a grant is.
func TestScrambleTooLarge(t *testing.T) {
	of := newOffice(t, authority.Options{})
	shop := of.enrol("shop", false)
	long := strings.Repeat("x", 900)
	var list []authority.Granting
	for i := range 400 {
		list = append(list, authority.Granting{Member: "shop", As: authority.Both, Pattern: keyring.Exact(fmt.Sprintf("com.a%03d.%s.x", i, long))})
	}
	require.NoError(t, of.Grant(authority.GrantOptions{}, list...))
	before := of.issue().Members[0].Bytes
	add := func(n int) {
		require.NoError(t, keyfile.Update(filepath.Join(of.dir, "keyring.json"), func(f *keyfile.File) error {
			for i := len(f.Scrambles); i < n; i++ {
				f.Scrambles = append(f.Scrambles, &keyfile.Scramble{
					Prefix: fmt.Sprintf("com.a%03d.%s.", i, long), Secrets: []*keyfile.ScrambleVersion{{Secret: keyfile.ScrambleSecret(cryptobox.GenerateScrambleSecret())}},
				})
			}
			return nil
		}))
	}
	add(100)
	soon()
	after := of.issue().Members[0].Bytes
	require.Greater(t, after-before, 100*900)
	require.NotEmpty(t, shop.receive(t, of.grants, of.Key()).text)
	add(400)
	big := before + 4*(after-before)
	require.Less(t, big, 1<<20, "%d", big)
	soon()
	require.InDelta(t, big, of.issue().Members[0].Bytes, 1000)
	require.NoError(t, keyfile.Update(filepath.Join(of.dir, "keyring.json"), func(f *keyfile.File) error {
		for _, sc := range f.Scrambles {
			for i := range 4 {
				sc.Secrets = append(sc.Secrets, &keyfile.ScrambleVersion{
					Secret: keyfile.ScrambleSecret(cryptobox.GenerateScrambleSecret()), Dates: keyring.Dates{ActiveFrom: time.Now().Add(time.Duration(i+1) * day)},
				})
			}
		}
		return nil
	}))
	serial := shop.receive(t, of.grants, of.Key()).Serial
	_, err := of.Issue(of.grants, authority.IssueOptions{})
	require.ErrorIs(t, err, authority.ErrTooLarge)
	require.Equal(t, serial, shop.receive(t, of.grants, of.Key()).Serial)
}

// TestScrambleRekeyAndBackup: another authority's key leaves secrets as they are, and so does a copy
// that is put back.
func TestScrambleRekeyAndBackup(t *testing.T) {
	of, shop, desk, first := scrambledPair(t)
	_, _, err := of.Rekey()
	require.NoError(t, err)
	soon()
	of.issue()
	require.Empty(t, shop.fetch(of).Scrambled)
	require.Equal(t, []string{first}, shop.secretsOf(under))
	of.Close()
	back := copied(t, of.dir)
	of.reopen()
	_, err = of.RotateScramble(under, in(0, day))
	require.NoError(t, err)
	soon()
	of.issue()
	shop.fetch(of)
	require.Len(t, shop.secretsOf(under), 2)
	of.Close()
	of.dir = back
	of.reopen()
	soon()
	of.issue()
	shop.fetch(of)
	desk.fetch(of)
	require.Equal(t, []string{first}, shop.secretsOf(under))
	require.Equal(t, shop.sends(topic), desk.sends(topic))
}

// TestRecoverSecrets: they come back from grants, as they were in the newest ones with the prefix.
func TestRecoverSecrets(t *testing.T) {
	l := newLost(t)
	for _, prefix := range []string{"com.box.", "com.shared."} {
		_, err := l.Scramble(prefix, authority.Scrambling{AllowClear: time.Now().Add(day)})
		require.NoError(t, err)
	}
	soon()
	l.issue()
	reader, err := l.grants.Member("reader")
	require.NoError(t, err)
	_, err = l.RotateScramble("com.box.", in(day, day))
	require.NoError(t, err)
	_, err = l.Revoke("reader")
	require.NoError(t, err)
	soon()
	l.issue()
	for name, m := range l.people {
		if name != "reader" {
			m.fetch(l.office)
		}
	}
	require.NoError(t, l.grants.Put("reader", reader), "an old one, with a secret that has ended")
	before, err := l.Show()
	require.NoError(t, err)
	anew, r, err := l.recover(authority.RecoverOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"com.box.", "com.shared."}, r.Scrambled)
	after, err := anew.Show()
	require.NoError(t, err)
	for i := range before.Scrambled {
		require.Equal(t, before.Scrambled[i].Scrambled, after.Scrambled[i].Scrambled)
	}
	soon()
	_, err = anew.Revoke("reader")
	require.NoError(t, err)
	anew.issue()
	m := l.people["originator"]
	ids := m.secretsOf("com.box.")
	require.Len(t, ids, 2)
	changes := m.fetch(anew)
	require.Equal(t, ids, m.secretsOf("com.box."))
	require.Equal(t, []string{"com.shared."}, changes.Scrambled)
}

// TestRecoverNestedPrefixes: an old grant that was put back can't keep an authority from being
// recovered by a prefix that doesn't go with newer ones.
func TestRecoverNestedPrefixes(t *testing.T) {
	l := newLost(t)
	_, err := l.Scramble("com.box.", authority.Scrambling{})
	require.NoError(t, err)
	soon()
	l.issue()
	old, err := l.grants.Member("originator")
	require.NoError(t, err)
	_, err = l.Unscramble("com.box.")
	require.NoError(t, err)
	l.hold(l.people["both"], keyring.Prefix("com.box.x."), authority.Both, authority.GrantOptions{})
	_, err = l.Scramble("com.box.x.", authority.Scrambling{})
	require.NoError(t, err)
	soon()
	l.issue()
	require.NoError(t, l.grants.Put("originator", old))
	_, r, err := l.recover(authority.RecoverOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"com.box.x."}, r.Scrambled)
}
