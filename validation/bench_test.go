package validation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// invoice is about 256 bytes as CBOR: 2 objects in a list, 11 values.
func invoice() wamp.List {
	return wamp.List{map[string]any{
		"id": "3f1c9a52-7f7b-4f0e-9d0c-2f5b8f3f7a11", "customer": "A customer of some name", "total": 1234.5, "currency": "EUR",
		"note": "the usual text that nobody reads, but that has to be there, as it has always been",
		"items": []any{
			map[string]any{"article": "tea", "count": int64(3), "price": 2.5},
			map[string]any{"article": "kettle", "count": int64(1), "price": 30.0},
		},
	}}
}

var invoices = folderOf(map[string]string{
	"index.json": `{"version": 1, "patterns": [{"prefix": "com.myapp.encrypted.", "call": {"args": "args.json"}, "result": {"args": "args.json"}, "event": {"args": "args.json"}}]}`,
	"args.json": `{"prefixItems": [{"type": "object", "required": ["id", "customer", "total", "currency", "items"], "additionalProperties": false, "properties": {
		"id": {"type": "string", "format": "uuid"}, "customer": {"type": "string", "minLength": 1, "maxLength": 100}, "total": {"type": "number", "minimum": 0},
		"currency": {"enum": ["EUR", "USD", "CHF"]}, "note": {"type": "string"}, "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/item"}}}}],
		"minItems": 1, "maxItems": 1, "$defs": {"item": {"type": "object", "required": ["article", "count", "price"], "additionalProperties": false, "properties": {
		"article": {"type": "string", "pattern": "^[a-z]+$"}, "count": {"type": "integer", "minimum": 1}, "price": {"type": "number", "minimum": 0}}}}}`,
})

// BenchmarkValidate is the verdict on an invoice.
func BenchmarkValidate(b *testing.B) {
	v := load(b, invoices)
	p := transparency.NewPayload(cryptobox.KindCall, harness.Prefix+"x", invoice(), nil)
	require.NoError(b, v.Validate(p))
	b.ReportAllocs()
	for b.Loop() {
		_ = v.Validate(p)
	}
}

// BenchmarkCalls makes sealed calls of an invoice, which is the result too, in turns: without a
// validator, and with one at both ends, that looks at each payload four times. It reports the
// medians, and their ratio. "unlisted" has a validator that has no schema for the URI.
func BenchmarkCalls(b *testing.B) {
	r := testrouter.Start(b)
	k := harness.NewKeys()
	connect := func(name string, opts ...transparency.Option) *transparency.Session {
		responder, err := transparency.ConnectNet(b.Context(), r.RawSocketURL(), harness.Config(client.CBOR), harness.RingOf(b, k.ResponderKey()), opts...)
		require.NoError(b, err)
		b.Cleanup(func() { _ = responder.Close() })
		require.NoError(b, responder.Register(harness.Prefix+name, harness.Echo, nil))
		originator, err := transparency.ConnectNet(b.Context(), r.RawSocketURL(), harness.Config(client.CBOR), harness.RingOf(b, k.OriginatorKey()), opts...)
		require.NoError(b, err)
		b.Cleanup(func() { _ = originator.Close() })
		return originator
	}
	unlisted := load(b, folderOf(map[string]string{"index.json": ofValue, "args.json": "true"}))
	names := []string{"without", "unlisted", "with"}
	sessions := []*transparency.Session{
		connect("without"), connect("unlisted", transparency.WithValidator(unlisted)), connect("with", transparency.WithValidator(load(b, invoices))),
	}
	took := make([][]time.Duration, len(names))
	args := invoice()
	for b.Loop() {
		for i, s := range sessions {
			began := time.Now()
			if _, err := s.Call(b.Context(), harness.Prefix+names[i], nil, args, nil, nil); err != nil {
				b.Fatal(err)
			}
			took[i] = append(took[i], time.Since(began))
		}
	}
	base := median(took[0])
	for i, name := range names {
		b.ReportMetric(float64(median(took[i]).Nanoseconds()), name+"-ns")
		b.ReportMetric(float64(median(took[i]))/float64(base), name+"-ratio")
	}
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
