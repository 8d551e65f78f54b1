package authority_test

import (
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// newAge makes another age identity for a member.
func newAge(t testing.TB, hybrid bool) (age.Identity, string) {
	p := newPerson(t, "any", hybrid)
	return p.age, p.Recipient
}

// put has the server keep a receipt, whatever it is, and gives what Collect makes of it.
func (o *office) put(name string, serial uint64, r grants.Receipt) authority.Collected {
	o.t.Helper()
	require.NoError(o.t, o.grants.PutReceipt(name, serial, r))
	c, err := o.Collect(o.grants)
	require.NoError(o.t, err)
	return c
}

// TestCollect: who has which grant is known by receipts, once.
func TestCollect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, _ := pair(t, authority.GrantOptions{})
		require.Zero(t, of.collect().Receipts)
		at := time.Now().UTC()
		of.receipt(shop, "")
		c := of.collect()
		require.Equal(t, []authority.News{{Member: "shop", Serial: shop.serial, At: at}}, c.News)
		of.reopen()
		c = of.collect()
		require.Equal(t, 1, c.Receipts)
		require.Empty(t, c.News)
		desk.serial, desk.hash = 0, statement.HashOf("")
		of.receipt(desk, "")
		require.Empty(t, of.collect().News, "it has nothing")
	})
}

// TestMadeUpReceipts: what a server makes up, or a member that doesn't hold what it says, isn't taken
// in, and told each by its kind.
func TestMadeUpReceipts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, _ := pair(t, authority.GrantOptions{})
		get := func(change func(*statement.Get), by cryptobox.SigningKey) []byte {
			g := statement.Get{Authority: statement.HashOfKey(of.Key()), Member: "shop", Serial: shop.serial, Ciphertext: shop.hash}
			change(&g)
			wire, err := g.Sign(by)
			require.NoError(t, err)
			return wire
		}
		_, next := newAge(t, true)
		for name, test := range map[string]struct {
			wire []byte
			at   time.Time
			err  error
		}{
			"no statement":     {[]byte{0xf6}, time.Now(), statement.ErrMalformed},
			"by another":       {get(func(g *statement.Get) { g.NextRecipient = next }, desk.sign), time.Now(), authority.ErrForged},
			"of another":       {get(func(g *statement.Get) { g.Member = "desk" }, shop.sign), time.Now(), authority.ErrOther},
			"for another":      {get(func(g *statement.Get) { g.Authority = statement.HashOf("x") }, shop.sign), time.Now(), authority.ErrOther},
			"of a later grant": {get(func(g *statement.Get) { g.Serial++; g.NextRecipient = next }, shop.sign), time.Now(), authority.ErrNeverIssued},
			"of an early one":  {get(func(g *statement.Get) { g.Serial = 1; g.NextRecipient = next }, shop.sign), time.Now(), authority.ErrNeverIssued},
			"of other bytes":   {get(func(g *statement.Get) { g.Ciphertext[0]++; g.NextRecipient = next }, shop.sign), time.Now(), authority.ErrNeverIssued},
			"dated ahead":      {get(func(g *statement.Get) { g.NextRecipient = next }, shop.sign), time.Now().Add(time.Hour), authority.ErrAhead},
		} {
			c := of.put("shop", 7, grants.Receipt{At: test.at, Get: test.wire})
			require.Len(t, c.Problems, 1, name)
			require.ErrorIs(t, c.Problems[0].Err, test.err, name)
			require.Equal(t, "shop", c.Problems[0].Member)
			require.Empty(t, c.News, name)
			require.Empty(t, c.Changed, name)
		}
		status, err := of.Status()
		require.NoError(t, err)
		require.Empty(t, status.Members[0].Held)
		require.Equal(t, authority.HasNot, status.Members[0].Has)
	})
}

// TestNextRecipient: a member changes its age identity by each grant, and nobody brings an earlier
// one back: a get that was recorded counts no more when a later one has.
func TestNextRecipient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, _ := pair(t, authority.GrantOptions{})
		var recorded [][]byte
		first := shop.get(of, desk.Recipient)
		recorded = append(recorded, first)
		for range 40 {
			next, recipient := newAge(t, true)
			recorded = append(recorded, shop.get(of, recipient))
			of.receipt(shop, recipient)
			require.Equal(t, []authority.ChangedRecipient{{Member: "shop", Recipient: recipient}}, of.collect().Changed)
			require.Empty(t, of.collect().Changed)
			of.reopen()
			soon()
			of.issue()
			shop.age, shop.Recipient = next, recipient
			shop.fetch(of)
		}
		for _, old := range recorded { // the server hands in what it has recorded
			c := of.put("shop", 1, grants.Receipt{At: time.Now(), Get: old})
			require.Empty(t, c.Changed)
		}
		soon()
		of.issue()
		shop.fetch(of)
	})
}

// TestNextRecipientRefused: a recipient that another has or had, or that is weaker.
func TestNextRecipientRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, desk, _ := pair(t, authority.GrantOptions{})
		gone := of.enrol("gone", true)
		_, err := of.Revoke("gone")
		require.NoError(t, err)
		_, weak := newAge(t, false)
		for name, test := range map[string]struct {
			next string
			err  error
		}{
			"another's":        {desk.Recipient, authority.ErrRecipient},
			"a former one's":   {gone.Recipient, authority.ErrRecipient},
			"weaker":           {weak, authority.ErrRecipient},
			"not one":          {"age1nothing", nil},
			"several in a row": {desk.Recipient + "\n" + weak, nil},
		} {
			c := of.put("shop", shop.serial, grants.Receipt{At: time.Now(), Get: shop.get(of, test.next)})
			require.Len(t, c.Problems, 1, name)
			if test.err != nil {
				require.ErrorIs(t, c.Problems[0].Err, test.err, name)
			}
			require.Empty(t, c.Changed)
			require.NotContains(t, c.Problems[0].Err.Error(), test.next)
		}
		soon()
		of.issue()
		shop.fetch(of)
	})
}

// TestNextRecipientWithoutGrant: who has no grant can't change whom its first one is for.
func TestNextRecipientWithoutGrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, _, _ := pair(t, authority.GrantOptions{})
		_, next := newAge(t, true)
		shop.serial, shop.hash = 0, statement.HashOf("")
		of.receipt(shop, next)
		require.Empty(t, of.collect().Changed)
	})
}

// TestCollectAfterRename: receipts of a member that was revoked say nothing of who has its name.
func TestCollectAfterRename(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, _, desk, _ := pair(t, authority.GrantOptions{})
		old := desk.get(of, "")
		_, err := of.Revoke("desk")
		require.NoError(t, err)
		of.enrol("desk", true)
		c := of.put("desk", desk.serial, grants.Receipt{At: time.Now(), Get: old})
		require.Empty(t, c.Problems)
		require.Empty(t, c.News)
	})
}

// TestCollectLongAgo: of a grant that was issued long ago it isn't known what it was. It counts as
// one that the member has, and changes nothing.
func TestCollectLongAgo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, shop, _, _ := pair(t, authority.GrantOptions{})
		for range 20 {
			soon()
			of.issue()
		}
		_, next := newAge(t, true)
		of.receipt(shop, next)
		c := of.collect()
		require.Empty(t, c.Changed)
		require.Len(t, c.News, 1)
		status, err := of.Status()
		require.NoError(t, err)
		require.Equal(t, authority.HasNot, status.Members[0].Has)
	})
}
