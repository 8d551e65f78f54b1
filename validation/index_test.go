package validation_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// kindsIndex has a schema of its own for each kind.
const kindsIndex = `{"version": 1, "patterns": [
	{"exact": "com.all", "event": {"args": "one.json#/$defs/event"}, "call": {"args": "one.json#/$defs/call"}, "chunk": {"args": "one.json#/$defs/chunk"},
		"result": {"args": "one.json#/$defs/result"}, "progress": {"args": "one.json#/$defs/progress"}, "error": {"args": "one.json#/$defs/error"}},
	{"exact": "com.call", "call": {"kwargs": "kwargs.json", "args": true}},
	{"exact": "com.empty", "call": {}, "error": {"kwargs": true}}]}`

var kindsFolder = folderOf(map[string]string{
	"index.json": kindsIndex,
	"one.json": `{"$defs": {"event": {"prefixItems": [{"const": "event"}], "minItems": 1}, "call": {"prefixItems": [{"const": "call"}], "minItems": 1}, "chunk": {"prefixItems": [{"const": "chunk"}], "minItems": 1},
		"result": {"prefixItems": [{"const": "result"}], "minItems": 1}, "progress": {"prefixItems": [{"const": "progress"}], "minItems": 1}, "error": {"prefixItems": [{"const": "error"}], "minItems": 1}}}`,
	"kwargs.json": `{"properties": {"n": {"type": "integer"}}, "required": ["n"]}`,
})

func TestKindsOfPayloads(t *testing.T) {
	v := load(t, kindsFolder)
	kinds := map[string]cryptobox.Kind{
		"event": cryptobox.KindPublish, "call": cryptobox.KindCall, "chunk": cryptobox.KindCallProgress,
		"result": cryptobox.KindResult, "progress": cryptobox.KindProgress, "error": cryptobox.KindError,
	}
	for name, kind := range kinds {
		for other := range kinds {
			invalid := verdictOn(t, v, transparency.NewPayload(kind, "com.all", wamp.List{other}, nil))
			require.Equal(t, name == other, invalid == nil, "%s as %s", other, name)
		}
		missing := verdictOn(t, v, transparency.NewPayload(kind, "com.all", nil, nil))
		require.Equal(t, "args: minItems", missing.Error())
	}
	for _, c := range []struct {
		payload *transparency.Payload
		want    string
	}{
		{transparency.NewPayload(cryptobox.KindCall, "com.call", wamp.List{"any"}, wamp.Dict{"n": int64(1)}), ""},
		{transparency.NewPayload(cryptobox.KindCall, "com.call", nil, wamp.Dict{"n": "1"}), "kwargs.n: type: integer"},
		{transparency.NewPayload(cryptobox.KindCall, "com.call", nil, nil), "kwargs: required: n"},
		{transparency.NewPayload(cryptobox.KindCallProgress, "com.call", nil, nil), "kwargs: required: n"}, // no schema of its own
		{transparency.NewPayload(cryptobox.KindResult, "com.call", wamp.List{1}, nil), ""},                 // not listed
		{transparency.NewPayload(cryptobox.KindCall, "com.empty", nil, nil), ""},
		{transparency.NewPayload(cryptobox.KindCall, "com.empty", wamp.List{}, wamp.Dict{}), ""},
		{transparency.NewPayload(cryptobox.KindCall, "com.empty", wamp.List{1}, nil), "args: nothing is listed for it, so it has to be empty"},
		{transparency.NewPayload(cryptobox.KindError, "com.empty", wamp.List{1}, nil), "args: nothing is listed for it, so it has to be empty"},
		{transparency.NewPayload(cryptobox.KindError, "com.empty", nil, wamp.Dict{"k": 1}), ""},
		{transparency.NewPayload(cryptobox.KindCall, "com.other", wamp.List{1}, nil), ""},
	} {
		got := ""
		if invalid := verdictOn(t, v, c.payload); invalid != nil {
			got = invalid.Error()
		}
		require.Equal(t, c.want, got, "%s %v %v", c.payload.URI, c.payload.Args(), c.payload.Kwargs())
	}
}

// patternsOf are the patterns of the index in TestMostSpecificPattern.
var patternsOf = []struct{ match, pattern string }{
	{"exact", "com.myapp.orders.new"}, {"prefix", "com.myapp.orders."}, {"prefix", "com.myapp."}, {"wildcard", "com..orders.new"},
	{"wildcard", "com...old"}, {"prefix", ""}, {"prefix", "wamp.session."}, {"exact", "wamp.x"},
}

// TestMostSpecificPattern is the one by which a keyring would find a key.
func TestMostSpecificPattern(t *testing.T) {
	index, ring := `{"version": 1, "unlisted": "refuse", "patterns": [`, keyring.New()
	files := map[string]string{}
	for i, p := range patternsOf {
		if i > 0 {
			index += ","
		}
		name := string(rune('a'+i)) + ".json"
		index += `{"` + p.match + `": "` + p.pattern + `", "event": {"args": "` + name + `"}}`
		match, err := keyring.ParseMatch(p.match)
		require.NoError(t, err)
		pattern := keyring.Pattern{URI: p.pattern, Match: match}
		require.NoError(t, ring.Set(pattern, keyring.Shared(cryptobox.GenerateSymmetricKey())))
		files[name] = `{"items": {"const": "` + pattern.URI + "|" + p.match + `"}, "minItems": 1}`
	}
	files["index.json"] = index + "]}"
	v := load(t, folderOf(files))
	for _, uri := range []string{
		"com.myapp.orders.new", "com.myapp.orders.new.x", "com.myapp.orders", "com.myapp.", "com.other.orders.new", "com.other.orders.old", "com.a.b.old", "com.myapp.orders.*",
		"com.myapp.orders.ne", "x", "wamp.session.count", "wamp.session", "wamp.x", "wamp.registration.on_create", "wampx", "wampbox.error", "wampbox.error.sealed_only",
	} {
		p := transparency.NewPayload(cryptobox.KindPublish, uri, wamp.List{"none"}, nil)
		if entry, err := ring.Lookup(uri); err == nil && !entry.Plain() {
			require.NotNil(t, verdictOn(t, v, p), uri)
			p.Args()[0] = entry.Pattern().URI + "|" + entry.Pattern().Match.String()
		}
		require.Nil(t, verdictOn(t, v, p), uri)
	}
}

// TestUnlistedURIs pass, unless the index says otherwise. The protocol's own do in any case.
func TestUnlistedURIs(t *testing.T) {
	pattern := `"patterns": [{"exact": "com.x", "call": {}}]}`
	for index, refused := range map[string]bool{`{"version": 1, ` + pattern: false, `{"version": 1, "unlisted": "pass", ` + pattern: false, `{"version": 1, "unlisted": "refuse", ` + pattern: true} {
		v := load(t, folderOf(map[string]string{"index.json": index}))
		for _, kind := range []cryptobox.Kind{cryptobox.KindPublish, cryptobox.KindError} {
			invalid := verdictOn(t, v, transparency.NewPayload(kind, "com.y", nil, nil))
			require.Equal(t, refused, invalid != nil, index)
			if refused {
				require.Equal(t, "no pattern of the index matches the URI", invalid.Error())
			}
			require.Nil(t, verdictOn(t, v, transparency.NewPayload(kind, "wamp.error.canceled", nil, nil)))
			require.Nil(t, verdictOn(t, v, transparency.NewPayload(kind, "wampbox.error", nil, nil)))
		}
		require.Nil(t, verdictOn(t, v, transparency.NewPayload(cryptobox.KindResult, "com.x", wamp.List{1}, nil)))
	}
}
