package cryptobox_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// TestSealAppends behind what is there, into its room.
func TestSealAppends(t *testing.T) {
	for _, key := range someKeys(t) {
		room := append(make([]byte, 0, 1<<10), "frame"...)
		dst, _, err := key.Seal(room, event([]any{"x"}, nil))
		require.NoError(t, err)
		require.Same(t, &room[0], &dst[0])
		require.Equal(t, "frame", string(dst[:5]))
		_, err = open(t, key, dst[5:], cryptobox.Message)
		require.NoError(t, err)
	}
}

// TestDraftTellsItsSize and its token before it is sealed, and is one message however often
// it is appended.
func TestDraftTellsItsSize(t *testing.T) {
	for _, key := range someKeys(t) {
		var draft cryptobox.Draft
		seen := map[cryptobox.Token]bool{{}: true}
		for _, text := range []string{"", "hello", strings.Repeat("x", 3<<20)} {
			require.NoError(t, key.Encode(event([]any{text}, nil), &draft))
			size, token := draft.Size(), draft.Token()
			require.False(t, seen[token], "a nonce was used twice")
			seen[token] = true
			first := draft.Append(nil)
			require.Len(t, first, size)
			require.Equal(t, "frame"+string(first), string(draft.Append([]byte("frame"))))
			opened, err := open(t, key, first, cryptobox.Message)
			require.NoError(t, err)
			require.Equal(t, token, opened.Token)
		}
		draft.Release()
		draft.Release()
		requireNoDraft(t, &draft)
	}
}

// requireNoDraft: it holds nothing, and appends nothing.
func requireNoDraft(t *testing.T, draft *cryptobox.Draft) {
	t.Helper()
	require.Zero(t, draft.Size())
	require.True(t, draft.Token().IsZero())
	require.Equal(t, "frame", string(draft.Append([]byte("frame"))))
}

// TestDraftIsEmptyAfterAnError, and doesn't seal what it held before.
func TestDraftIsEmptyAfterAnError(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteBox]
	var draft cryptobox.Draft
	require.NoError(t, key.Encode(event(nil, nil), &draft))
	require.Error(t, key.Encode(event([]any{make(chan int)}, nil), &draft))
	requireNoDraft(t, &draft)
	require.NoError(t, key.Encode(event(nil, nil), &draft))
	require.ErrorIs(t, new(cryptobox.SuiteKey).Encode(event(nil, nil), &draft), cryptobox.ErrKey)
	requireNoDraft(t, &draft)
}

// TestRecordsThatAreNotSealed say which field is wrong.
func TestRecordsThatAreNotSealed(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteBox]
	for name, c := range map[string]struct {
		path       string
		change     func(*cryptobox.Head)
		realm, uri string
	}{
		"no kind":            {"kind", func(h *cryptobox.Head) { h.Kind = 0 }, "r", "u"},
		"kind 8":             {"kind", func(h *cryptobox.Head) { h.Kind = 8 }, "r", "u"},
		"no realm":           {"realm", nil, "", "u"},
		"no URI":             {"uri", nil, "r", ""},
		"realm not UTF-8":    {"realm", nil, "\xff", "u"},
		"URI not UTF-8":      {"uri", nil, "r", "\xff"},
		"no sender":          {"from", func(h *cryptobox.Head) { h.From = cryptobox.SenderID{} }, "r", "u"},
		"no counter":         {"n", func(h *cryptobox.Head) { h.N = 0 }, "r", "u"},
		"before 1970":        {"ts", func(h *cryptobox.Head) { h.TS = -1 }, "r", "u"},
		"call unnumbered":    {"seq", func(h *cryptobox.Head) { h.Kind, h.Unnumbered = cryptobox.KindCall, true }, "r", "u"},
		"self on a call":     {"flags", func(h *cryptobox.Head) { h.Kind, h.Self = cryptobox.KindCall, true }, "r", "u"},
		"keep on a result":   {"flags", func(h *cryptobox.Head) { h.Kind, h.Keep = cryptobox.KindResult, true }, "r", "u"},
		"refusal with realm": {"realm", func(h *cryptobox.Head) { h.Kind = cryptobox.KindRefusal }, "r", ""},
		"refusal with URI":   {"uri", func(h *cryptobox.Head) { h.Kind = cryptobox.KindRefusal }, "", "u"},
	} {
		t.Run(name, func(t *testing.T) {
			head := headOf(cryptobox.KindPublish)
			if c.change != nil {
				c.change(&head)
			}
			rec := cryptobox.NewRecord(head, c.realm, c.uri, nil, nil)
			dst, token, err := key.Seal([]byte("frame"), &rec)
			var value *cryptobox.ValueError
			require.ErrorAs(t, err, &value)
			require.Equal(t, c.path, value.Path)
			require.Equal(t, "frame", string(dst))
			require.True(t, token.IsZero())
		})
	}
	_, _, err := key.Seal(nil, nil)
	require.ErrorIs(t, err, cryptobox.ErrValue)
	_, _, err = key.Seal(nil, &cryptobox.Record{})
	require.ErrorIs(t, err, cryptobox.ErrValue)
}

// TestRecordsOfAnySizeOpen up to the limit, and none beyond is sealed.
func TestRecordsOfAnySizeOpen(t *testing.T) {
	for suite, key := range someKeys(t) {
		enc, _, err := key.Seal(nil, event([]any{strings.Repeat("x", 1<<20)}, nil))
		require.NoError(t, err)
		most := cryptobox.MaxPayload - (len(enc) - cryptobox.MinSealed) + 1<<20
		enc, _, err = key.Seal(nil, event([]any{strings.Repeat("x", most)}, nil))
		require.NoError(t, err)
		require.Len(t, enc, cryptobox.MinSealed+cryptobox.MaxPayload)
		_, err = open(t, key, enc, cryptobox.Message)
		require.NoError(t, err)
		_, _, err = key.Seal(nil, event([]any{strings.Repeat("x", most+1)}, nil))
		require.ErrorIs(t, err, cryptobox.ErrTooLarge, suite)
		rec := cryptobox.NewRecord(headOf(cryptobox.KindPublish), "r", strings.Repeat("u", cryptobox.MaxPayload), nil, nil)
		_, _, err = key.Seal(nil, &rec)
		require.ErrorIs(t, err, cryptobox.ErrTooLarge, suite)
	}
}

func TestPadding(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteXBox]
	plain, _, err := key.Seal(nil, event([]any{"x"}, nil))
	require.NoError(t, err)
	least := len(plain) - cryptobox.MinSealed + 5
	for _, more := range []int{0, 1, 2, 23, 24, 255, 256, 1 << 16, 5 << 20} {
		rec := event([]any{"x"}, nil)
		rec.Pad = func(size int) int {
			require.Equal(t, least, size)
			return size + more
		}
		enc, _, err := key.Seal(nil, rec)
		require.NoError(t, err)
		require.Len(t, enc, cryptobox.MinSealed+least+more)
		opened, err := open(t, key, enc, cryptobox.Message)
		require.NoError(t, err)
		args, _, err := opened.Values()
		require.NoError(t, err)
		requireSame(t, []any{"x"}, args)
		require.Equal(t, make([]byte, more), cryptobox.RecordBytes(opened)[least:], "zero bytes")
	}
	for _, less := range []int{1, least, math.MaxInt} {
		rec := event([]any{"x"}, nil)
		rec.Pad = func(size int) int { return size - less }
		_, _, err := key.Seal(nil, rec)
		require.ErrorIs(t, err, cryptobox.ErrPadding)
	}
	rec := event([]any{"x"}, nil)
	rec.Pad = func(int) int { return math.MaxInt }
	enc, _, err := key.Seal(nil, rec)
	require.NoError(t, err)
	require.Len(t, enc, cryptobox.MinSealed+cryptobox.MaxPayload, "it is cut")
	_, err = open(t, key, enc, cryptobox.Message)
	require.NoError(t, err)
}

// TestPanicsOfForm are the program's: they go on, and the next message is fine.
func TestPanicsOfForm(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteBox]
	for range 3 {
		rec := event([]any{"secret", named("x")}, nil)
		rec.Form = func(any) (any, error) { panic("of the program's own") }
		require.Panics(t, func() { _, _, _ = key.Seal(nil, rec) })
		enc, _, err := key.Seal(nil, event([]any{"fine"}, nil))
		require.NoError(t, err)
		_, err = open(t, key, enc, cryptobox.Message)
		require.NoError(t, err)
	}
}

// TestErrorsHaveTheirPlace as a path without keys.
func TestErrorsHaveTheirPlace(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteBox]
	_, _, err := key.Seal(nil, event(nil, map[string]any{"secret": []any{1, make(chan int)}}))
	var value *cryptobox.ValueError
	require.True(t, errors.As(err, &value))
	require.Equal(t, "kwargs{}[1]", value.Path)
}
