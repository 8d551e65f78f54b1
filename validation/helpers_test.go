package validation_test

import (
	"testing"
	"testing/fstest"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/validation"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// folderOf is a folder with these files.
func folderOf(files map[string]string) fstest.MapFS {
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return folder
}

const ofValue = `{"version": 1, "patterns": [{"exact": "com.x", "call": {"args": "args.json"}}]}`

// schemaOf is a folder with a schema for the only argument of calls of com.x.
func schemaOf(schema string) fstest.MapFS {
	return folderOf(map[string]string{
		"index.json":  ofValue,
		"args.json":   `{"type": "array", "prefixItems": [{"$ref": "schema.json"}], "minItems": 1, "maxItems": 1}`,
		"schema.json": schema,
	})
}

func load(t testing.TB, folder fstest.MapFS) *validation.Validator {
	t.Helper()
	v, err := validation.LoadFS(folder)
	require.NoError(t, err)
	return v
}

// verdict is that on a call of com.x with one argument: nil, or where and why it is invalid.
func verdict(t testing.TB, v *validation.Validator, arg any) *transparency.InvalidError {
	t.Helper()
	return verdictOn(t, v, callOf(arg))
}

func callOf(arg any) *transparency.Payload {
	return transparency.NewPayload(cryptobox.KindCall, "com.x", wamp.List{arg}, nil)
}

func verdictOn(t testing.TB, v *validation.Validator, p *transparency.Payload) *transparency.InvalidError {
	t.Helper()
	err := v.Validate(p)
	require.True(t, err == nil || v.Covers(p.Kind, p.URI))
	if err == nil {
		return nil
	}
	var invalid *transparency.InvalidError
	require.ErrorAs(t, err, &invalid)
	return invalid
}
