package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// urisJSON is what uri prints as JSON, and foundJSON what it does with -find.
type urisJSON struct {
	URIs []struct {
		URI   string `json:"uri"`
		Match string `json:"match"`
		Forms []struct {
			Router     string     `json:"router"`
			Secret     string     `json:"secret"`
			State      string     `json:"state"`
			ActiveFrom *time.Time `json:"active_from"`
			NotAfter   *time.Time `json:"not_after"`
		} `json:"forms"`
	} `json:"uris"`
}

type foundJSON struct {
	URIs []foundURI `json:"uris"`
}

type foundURI struct {
	Router  string `json:"router"`
	URI     string `json:"uri"`
	Prefix  string `json:"prefix"`
	Secret  string `json:"secret"`
	Unknown []int  `json:"unknown"`
	Says    string `json:"says"`
}

// hiddenFile is a file with patterns below a scrambled prefix, and the id of its secret.
func hiddenFile(t testing.TB, more ...string) (path, id string) {
	t.Helper()
	dir := t.TempDir()
	wampbox(t, "init", "-dir", dir, "-scramble", "com.x.", "com.x.orders.", "com.x..new", "com.x.stock", "-plain", "org.").fine(t)
	path = both(dir)[0]
	if more != nil {
		wampbox(t, append([]string{"scramble", "com.x.", path}, more...)...).fine(t)
	}
	for s := range ring(t, path).Scrambled() {
		id = s.Secrets[len(s.Secrets)-1].ID
	}
	return path, id
}

// TestURI prints what routers see, of all secrets that are taken, the one first that is sent
// under.
func TestURI(t *testing.T) {
	path, id := hiddenFile(t)
	uri := func(args ...string) []string {
		return append([]string{"uri", "-keyring", path, "-realm", "realm1"}, args...)
	}
	var list urisJSON
	wampbox(t, uri("-json")...).decode(t, &list)
	want := map[string]string{"com.x.orders.": "prefix", "com.x..new": "wildcard", "com.x.stock": "exact"}
	require.Len(t, list.URIs, len(want), "all patterns below, and no other")
	for _, u := range list.URIs {
		require.Equal(t, want[u.URI], u.Match)
		require.Len(t, u.Forms, 1)
		require.Equal(t, []string{sees(t, path, u.URI), id, "active"}, []string{u.Forms[0].Router, u.Forms[0].Secret, u.Forms[0].State})
	}
	require.Contains(t, wampbox(t, uri()...).fine(t), "com.x..new     wildcard  "+sees(t, path, "com.x..new"))

	list = urisJSON{}
	wampbox(t, uri("-json", "com.x.orders.new", "org.z", "com.x.")...).decode(t, &list)
	require.Equal(t, []string{sees(t, path, "com.x.orders.new"), "org.z", "com.x."}, []string{list.URIs[0].Forms[0].Router, list.URIs[1].Forms[0].Router, list.URIs[2].Forms[0].Router})
	require.Equal(t, "clear", list.URIs[1].Forms[0].State)
	var other urisJSON
	wampbox(t, "uri", "-keyring", path, "-realm", "realm2", "-json", "com.x.orders.new").decode(t, &other)
	require.NotEqual(t, list.URIs[0].Forms[0].Router, other.URIs[0].Forms[0].Router)

	next := strings.TrimSpace(wampbox(t, "scramble", "com.x.", "-rotate", path).fine(t))
	list = urisJSON{}
	wampbox(t, uri("-json", "-match", "prefix", "com.x.stock.")...).decode(t, &list)
	forms := list.URIs[0].Forms
	require.Equal(t, []string{id, "active", next, "pending"}, []string{forms[0].Secret, forms[0].State, forms[1].Secret, forms[1].State})
	require.NotNil(t, forms[0].NotAfter)
	require.NotNil(t, forms[1].ActiveFrom)
	require.NotEqual(t, forms[0].Router, forms[1].Router)

	for text, why := range map[string]string{
		"com.x.order.a": `it nearly matches prefix "com.x.orders."`, "com.x.ordersnew": `it nearly matches prefix "com.x.orders."`,
		"net.z": "no pattern of the keyring matches", "com.x.order.eu.": "no pattern of the keyring has a URI in common with it",
	} {
		r := wampbox(t, uri(text)...)
		require.Contains(t, r.fine(t), text)
		require.Contains(t, r.err, "with this file nothing is sent or taken for it: ")
		require.Contains(t, r.err, why)
	}
	for _, known := range []string{"com.x.orders.new", "com.x.stock", "com.x.orders.eu.", "com.x..new", "com.x.", "org.", "org.z"} {
		r := wampbox(t, uri(known)...)
		r.fine(t)
		require.Empty(t, r.err, known)
	}
	wampbox(t, uri("com.")...).fails(t, 1, `it matches URIs below "com.x.", which are scrambled, and others`)
	wampbox(t, uri("-match", "prefix", "com.x.sto")...).fails(t, 1, "let the prefix end with a dot")
	wampbox(t, uri("-words", path)...).fails(t, 2, "-words is for -find")
	wampbox(t, uri("-find")...).fails(t, 2, "URI is missing")
	wampbox(t, uri("-find", "-match", "exact", "com.x.y")...).fails(t, 2, "with -find leave it out")
	dir, _ := begun(t)
	wampbox(t, "uri", "-keyring", both(dir)[0], "-realm", "realm1").fails(t, 1, "no pattern of it lies below a scrambled prefix")
}

// TestURIClear: while URIs go as they are, rules have to name them too.
func TestURIClear(t *testing.T) {
	dir, _ := begun(t)
	id := strings.TrimSpace(wampbox(t, with(dir, "scramble", "com.x.", "-activate", "1h", "-allow-clear", "2h")...).fine(t))
	var list urisJSON
	wampbox(t, "uri", "-keyring", both(dir)[0], "-realm", "realm1", "-json", "com.x.y").decode(t, &list)
	forms := list.URIs[0].Forms
	require.Equal(t, []string{"com.x.y", "", "clear", id, "pending"}, []string{forms[0].Router, forms[0].Secret, forms[0].State, forms[1].Secret, forms[1].State})
	require.WithinDuration(t, time.Now().Add(2*time.Hour), *forms[0].NotAfter, time.Minute)
}

// TestURIFind finds URIs by the patterns and by words, and says what it couldn't find.
func TestURIFind(t *testing.T) {
	path, id := hiddenFile(t)
	seen := func(uri string) string { return sees(t, path, uri) }
	words := write(t, "words", []byte("today\r\n\n  cancel\ncom.x.basket.line\n"))
	deep := seen("com.x.orders.cancel.today.line")
	for _, test := range []struct {
		router string
		words  bool
		want   foundURI
	}{
		{seen("com.x.orders.new"), false, foundURI{URI: "com.x.orders.new", Prefix: "com.x.", Secret: id}},
		{seen("com.x.new.stock.orders"), false, foundURI{URI: "com.x.new.stock.orders", Prefix: "com.x.", Secret: id}},
		{seen("com.x.orders."), false, foundURI{URI: "com.x.orders.", Prefix: "com.x.", Secret: id}},
		{seen("com.x..new"), false, foundURI{URI: "com.x..new", Prefix: "com.x.", Secret: id}},
		{deep, true, foundURI{URI: "com.x.orders.cancel.today.line", Prefix: "com.x.", Secret: id}},
		{deep, false, foundURI{URI: "com.x.orders.?.?.?", Prefix: "com.x.", Secret: id, Unknown: []int{2, 3, 4},
			Says: "components 2, 3, 4 behind the prefix were not found among 3 words: more can be given with -words"}},
		{seen("com.x.cancel.new"), false, foundURI{URI: "com.x.?.new", Prefix: "com.x.", Secret: id, Unknown: []int{1},
			Says: "component 1 behind the prefix was not found among 3 words: more can be given with -words"}},
		{"com.x.mzxw6ytboi5dqmrq", false, foundURI{URI: "com.x.?", Prefix: "com.x.", Unknown: []int{1},
			Says: "no component was found among 3 words: it may be of another realm, secret or prefix; more can be given with -words"}},
		{"com.x.orders.new", false, foundURI{URI: "com.x.orders.new", Prefix: "com.x.", Says: "it is clear: scrambled components have 16 characters, a to z and 2 to 7"}},
		{"org.a", false, foundURI{URI: "org.a", Says: "it isn't below a prefix that the file scrambles"}},
	} {
		args := []string{"uri", "-keyring", path, "-realm", "realm1", "-find", test.router}
		if test.words {
			args = append(args, "-words", words)
		}
		status := 0
		if test.want.Unknown != nil {
			status = 1
		}
		r := wampbox(t, args...)
		require.Equal(t, status, r.status, "%s", r.err)
		require.Equal(t, test.want.URI+"\n", r.out)
		require.Contains(t, r.err, test.want.Says)
		r = wampbox(t, append(args, "-json")...)
		require.Equal(t, status, r.status)
		r.status = 0
		var found foundJSON
		r.decode(t, &found)
		test.want.Router = test.router
		require.Equal(t, []foundURI{test.want}, found.URIs)
	}
	wampbox(t, "uri", "-keyring", path, "-realm", "realm1", "-find", "com.x."+strings.Repeat("mzxw6ytboi5dqmrq.", 100)+"mzxw6ytboi5dqmrq").fails(t, 1, "more than 100 components")

	// The same components in another place are others, and an older secret is tried too.
	components := strings.Split(seen("com.x.orders.new"), ".")
	components[2], components[3] = components[3], components[2]
	old := seen("com.x.orders.new")
	require.Equal(t, "com.x.?.?\n", wampbox(t, "uri", "-keyring", path, "-realm", "realm1", "-find", strings.Join(components, ".")).out)
	wampbox(t, "scramble", "com.x.", "-rotate", "-activate", "now", path).fine(t)
	require.Equal(t, "com.x.orders.new\ncom.x.orders.new\n", wampbox(t, "uri", "-keyring", path, "-realm", "realm1", "-find", old, sees(t, path, "com.x.orders.new")).fine(t))
}
