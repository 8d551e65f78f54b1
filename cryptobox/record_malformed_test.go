package cryptobox_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// fields are a sound publish in hex, to be changed one at a time.
var fields = []string{"01", "667265616c6d31", "65636f6d2e78", "50" + repeated("07", 16), "05", "1a00010000", "f6", "00", "00", "80", "a0"}

// The places of fields.
const (
	kind = iota
	realm
	uri
	from
	n
	ts
	re
	seq
	flags
	args
	kwargs
)

// with gives a record in hex, with fields changed: pairs of a place and what to put there.
func with(changes ...any) string {
	changed := append([]string(nil), fields...)
	for i := 0; i < len(changes); i += 2 {
		changed[changes[i].(int)] = changes[i+1].(string)
	}
	return "8b" + strings.Join(changed, "")
}

// arg is a record of one argument.
func arg(hex string) string { return with(args, "81"+hex) }

const (
	token = "5818" + "0101010101010101010101010101010101010101010101ff"
	pad   = "5a00000002"
)

// sound are records that are taken, to show what the refused ones differ in.
var sound = map[string]string{
	"as it is": with(), "unnumbered": with(seq, "f6"), "self and keep": with(flags, "03"), "no args": with(args, "f6"), "no kwargs": with(kwargs, "f6"),
	"later chunk": with(kind, "02", re, token), "largest": with(n, "1bffffffffffffffff", ts, "1b7fffffffffffffff", seq, "1bffffffffffffffff"), "call": with(kind, "02"), "chunk": with(kind, "03"),
	"padded": "8c" + with()[2:] + pad + "0000", "padded with nothing": "8c" + with()[2:] + "5a00000000", "padded with anything": "8c" + with()[2:] + pad + "ffff", "padded by a short head": "8c" + with()[2:] + "420000",
	"time": arg("c100"), "time before": arg("c120"), "time in half a second": arg("c1f93800"), "first time": arg("c13b0000000e7791f6ff"), "last time": arg("c11b0000003afff4417f"),
	"floats": with(args, "83f90000fa00000000fb0000000000000000"), "NaN and infinities": with(args, "83f97e00f97c00f9fc00"), "bignums": with(args, "82c249010000000000000000c349010000000000000000"), "65 bits": arg("3bffffffffffffffff"),
	"1024 bits": arg("c25880" + repeated("ff", 128)), "negative 1024 bits": arg("c35880" + repeated("ff", 127) + "fe"),
	"nine keys": with(kwargs, "a9"+"6161006162006163006164006165006166006167006168006261610"+"0"),
}

// malformed are records that are refused, by what is wrong with them.
var malformed = map[string]string{
	"nothing": "", "null": "f6", "a map": "a0", "an item less": "8a" + strings.Join(fields[:10], ""), "an item missing": "8b" + strings.Join(fields[:10], ""),
	"an item more": "8c" + with()[2:] + "00", "two items more": "8d" + with()[2:] + pad + "000000", "indefinite": "9f" + with()[2:] + "ff", "long head": "980b" + with()[2:], "tagged": "d9d9f7" + with(),
	"eleven named ten": "8a" + with()[2:], "eleven named twelve": "8c" + with()[2:], "eleven named thirteen": "8d" + with()[2:], "a map of what would be sound": "ab" + with()[2:],
	"trailing byte": with() + "00", "trailing after padding": "8c" + with()[2:] + pad + "000000", "padding cut short": "8c" + with()[2:] + pad + "00", "padding text": "8c" + with()[2:] + "6100", "padding null": "8c" + with()[2:] + "f6", "padding indefinite": "8c" + with()[2:] + "5f4100ff", "padding missing": "8c" + with()[2:],
	"kind 0": with(kind, "00"), "kind 8": with(kind, "08"), "kind 257": with(kind, "190101"), "kind text": with(kind, "6131"), "kind negative": with(kind, "20"), "kind null": with(kind, "f6"), "kind float": with(kind, "f93c00"), "kind not shortest": with(kind, "1801"),
	"realm empty": with(realm, "60"), "realm null": with(realm, "f6"), "realm bytes": with(realm, "4161"), "realm not UTF-8": with(realm, "61ff"), "realm indefinite": with(realm, "7f6161ff"), "realm not shortest": with(realm, "780161"), "realm beyond data": with(realm, "7affffffff"),
	"uri empty": with(uri, "60"), "uri null": with(uri, "f6"), "uri bytes": with(uri, "4161"), "uri not UTF-8": with(uri, "61ff"), "uri beyond data": with(uri, "7bffffffffffffffff"),
	"from zero": with(from, "50"+repeated("00", 16)), "from short": with(from, "4f"+repeated("07", 15)), "from long": with(from, "51"+repeated("07", 17)), "from text": with(from, "70"+repeated("07", 16)), "from null": with(from, "f6"), "from cut short": "8b01667265616c6d3165636f6d2e785007",
	"n zero": with(n, "00"), "n negative": with(n, "20"), "n null": with(n, "f6"), "n float": with(n, "f93c00"), "n big": with(n, "c249010000000000000000"),
	"ts negative": with(ts, "20"), "ts 2^63": with(ts, "1b8000000000000000"), "ts null": with(ts, "f6"), "ts float": with(ts, "f93c00"), "ts a time": with(ts, "c100"), "ts not shortest": with(ts, "190001"),
	"re of a publish": with(re, token), "re short": with(re, "57"+repeated("01", 23)), "re long": with(re, "5819"+repeated("01", 25)), "re empty": with(re, "40"), "re text": with(re, "7818"+repeated("61", 24)), "re undefined": with(re, "f7"), "re false": with(re, "f4"),
	"seq negative": with(seq, "20"), "seq text": with(seq, "6130"), "seq undefined": with(seq, "f7"), "seq null on a call": with(kind, "02", seq, "f6"), "seq null on a chunk": with(kind, "03", seq, "f6"),
	"flags 4": with(flags, "04"), "flags 256": with(flags, "190100"), "flags null": with(flags, "f6"), "flags true": with(flags, "f5"), "self on a call": with(kind, "02", flags, "01"), "keep on a chunk": with(kind, "03", flags, "02"),
	"args a map": with(args, "a0"), "args text": with(args, "6161"), "args undefined": with(args, "f7"), "args missing": "8b" + strings.Join(fields[:9], ""), "args tagged": with(args, "d84080"), "args indefinite": with(args, "9fff"), "args not shortest": with(args, "9800"), "args beyond data": with(args, "9affffffff"),
	"kwargs a list": with(kwargs, "80"), "kwargs bytes": with(kwargs, "40"), "kwargs indefinite": with(kwargs, "bfff"), "kwargs not shortest": with(kwargs, "b800"), "kwargs beyond data": with(kwargs, "bb7fffffffffffffff"),

	"undefined": arg("f7"), "simple value": arg("e0"), "long simple value": arg("f8ff"), "false as a long one": arg("f814"), "reserved": arg("fc"), "break": arg("ff"),
	"integer not shortest": arg("1817"), "in 2 bytes": arg("1900ff"), "in 4 bytes": arg("1a0000ffff"), "in 8 bytes": arg("1b00000000ffffffff"), "negative not shortest": arg("3817"), "reserved length": arg("1c"), "indefinite integer": arg("1f"),
	"text not shortest": arg("780161"), "bytes not shortest": arg("580161"), "list not shortest": arg("980100"), "map not shortest": arg("b801616100"), "tag not shortest": arg("d80100"), "text indefinite": arg("7f6161ff"), "bytes indefinite": arg("5f4161ff"), "list indefinite": arg("9f00ff"), "map indefinite": arg("bf616100ff"), "indefinite tag": arg("df00"),
	"text not UTF-8": arg("61ff"), "key not UTF-8": arg("a161ff00"), "key an integer": arg("a10000"), "key bytes": arg("a1416100"), "key null": arg("a1f600"), "key tagged": arg("a1d840416100"),
	"key twice": with(kwargs, "a2616100616100"), "key twice deep inside": arg("81a161618181a2617800617801"), "empty key twice": arg("a260006000"), "twice with others between": with(kwargs, "a3616100616200616100"),
	"one of ten twice": with(kwargs, "aa"+"61610061620061630061640061650061660061670061680062616100"+"616400"), "no value": with(kwargs, "a16161"),
	"tag 0": arg("c074323031332d30332d32315432303a30343a30305a"), "tag 64": arg("d8404161"), "tag 4": arg("c4820001"), "tag 32": arg("d8206161"), "self-described": arg("d9d9f700"), "tag 2^64-1": arg("dbffffffffffffffff00"), "tag of nothing": with(args, "81c1", kwargs, ""),
	"time in text": arg("c16130"), "time null": arg("c1f6"), "time true": arg("c1f5"), "time NaN": arg("c1f97e00"), "time infinite": arg("c1f97c00"), "time minus infinity": arg("c1f9fc00"), "time big": arg("c1c249010000000000000000"), "time tagged": arg("c1c100"), "time not shortest": arg("c11817"),
	"year 0": arg("c13b0000000e7791f700"), "year 10000": arg("c11b0000003afff44180"), "year 10000 as a float": arg("c1fb424d7ffa20c00000"), "year 0 as a float": arg("c1fbc22cef23ee002000"), "time 2^64-1": arg("c11bffffffffffffffff"), "time -2^64": arg("c13bffffffffffffffff"),
	"bignum of 64 bits": arg("c248ffffffffffffffff"), "negative bignum of 64 bits": arg("c348ffffffffffffffff"), "bignum with a leading zero": arg("c24a00010000000000000000"), "bignum empty": arg("c240"), "bignum of an integer": arg("c200"), "bignum of text": arg("c2697878787878787878787878"), "bignum indefinite": arg("c25f41ffff"),
	"1025 bits": arg("c2588101" + repeated("00", 128)), "negative 1025 bits": arg("c35880" + repeated("ff", 128)),
	"integer cut short": with(args, "8119", kwargs, ""), "float cut short": with(args, "81fb00", kwargs, ""), "text beyond data": arg("7b8000000000000000"), "bytes beyond data": arg("5affffffff"), "list beyond data": arg("9b8000000000000000"), "map beyond data": arg("bb8000000000000000"),
}

// malformedAnswers are records that are refused as answers.
var malformedAnswers = map[string]string{
	"seq null": with(kind, "04", seq, "f6"), "seq null on an error": with(kind, "06", seq, "f6"), "keep": with(kind, "05", flags, "02"), "self on a refusal": with(kind, "07", realm, "60", uri, "60", flags, "01"),
	"refusal with a realm": with(kind, "07", uri, "60"), "refusal with a URI": with(kind, "07", realm, "60"), "refusal with both": with(kind, "07"), "error without URI": with(kind, "06", uri, "60"), "result without realm": with(kind, "04", realm, "60"),
}

func TestSoundRecords(t *testing.T) {
	for name, record := range sound {
		t.Run(name, func(t *testing.T) {
			opened, err := openRecord(t, unhex(t, record), cryptobox.Message)
			require.NoError(t, err)
			_, _, err = opened.Values()
			require.NoError(t, err)
		})
	}
	for _, record := range []string{with(kind, "04"), with(kind, "05"), with(kind, "06"), with(kind, "07", realm, "60", uri, "60"), with(kind, "06", re, token)} {
		_, err := openRecord(t, unhex(t, record), cryptobox.Answer)
		require.NoError(t, err, record)
	}
}

func TestMalformedRecords(t *testing.T) {
	for direction, records := range map[cryptobox.Direction]map[string]string{cryptobox.Message: malformed, cryptobox.Answer: malformedAnswers} {
		for name, record := range records {
			t.Run(name, func(t *testing.T) {
				opened, err := openRecord(t, unhex(t, record), direction)
				require.ErrorIs(t, err, cryptobox.ErrMalformed)
				require.False(t, opened.Token.IsZero(), "what refuses it names it")
			})
		}
	}
}

// TestRecordsCutShort: a record that ends anywhere is no record.
func TestRecordsCutShort(t *testing.T) {
	for name, text := range sound {
		if strings.HasPrefix(name, "padded") {
			continue
		}
		record := unhex(t, text)
		for size := range record {
			_, err := openRecord(t, record[:size], cryptobox.Message)
			require.ErrorIs(t, err, cryptobox.ErrMalformed, "%s: %d bytes", name, size)
		}
	}
}

// TestWrongKind: a kind under the other direction's key is told from what doesn't open, and
// from what is no record.
func TestWrongKind(t *testing.T) {
	for kindNumber := cryptobox.KindPublish; kindNumber <= cryptobox.KindRefusal; kindNumber++ {
		changes := []any{kind, "0" + string(rune('0'+kindNumber))}
		if kindNumber == cryptobox.KindRefusal {
			changes = append(changes, realm, "60", uri, "60")
		}
		record := unhex(t, with(changes...))
		for _, direction := range []cryptobox.Direction{cryptobox.Message, cryptobox.Answer} {
			_, err := openRecord(t, record, direction)
			if kindNumber.Direction() == direction {
				require.NoError(t, err)
				continue
			}
			var wrong *cryptobox.WrongKindError
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, cryptobox.WrongKindError{Kind: kindNumber, Direction: direction}, *wrong)
			require.False(t, errors.Is(err, cryptobox.ErrOpen) || errors.Is(err, cryptobox.ErrMalformed))
			require.Contains(t, err.Error(), kindNumber.String())
			_, err = openRecord(t, append(record, 0), direction)
			require.ErrorIs(t, err, cryptobox.ErrMalformed, "what is no record has no kind")
		}
	}
	require.Equal(t, cryptobox.Message, cryptobox.KindCallProgress.Direction())
	require.Equal(t, cryptobox.Answer, cryptobox.KindResult.Direction())
}

// deepList is n lists in one another.
func deepList(n int) string { return repeated("81", n-1) + "80" }

// deepMap is n maps in one another.
func deepMap(n int) string { return repeated("a160", n-1) + "a0" }

// limits are records at a limit, and one beyond it.
var limits = map[string]struct{ within, beyond func() string }{
	"depth of lists in args":   {func() string { return with(args, deepList(cryptobox.MaxDepth+1)) }, func() string { return with(args, deepList(cryptobox.MaxDepth+2)) }},
	"depth of maps in args":    {func() string { return arg(deepMap(cryptobox.MaxDepth)) }, func() string { return arg(deepMap(cryptobox.MaxDepth + 1)) }},
	"depth of maps in kwargs":  {func() string { return with(kwargs, deepMap(cryptobox.MaxDepth+1)) }, func() string { return with(kwargs, deepMap(cryptobox.MaxDepth+2)) }},
	"depth of lists in kwargs": {func() string { return with(kwargs, "a160"+deepList(cryptobox.MaxDepth)) }, func() string { return with(kwargs, "a160"+deepList(cryptobox.MaxDepth+1)) }},
	"values in one list": {func() string { return with(args, "9a"+hex32(cryptobox.MaxValues)+repeated("f6", cryptobox.MaxValues)) }, func() string {
		return with(args, "9a"+hex32(cryptobox.MaxValues+1)+repeated("f6", cryptobox.MaxValues+1))
	}},
	"values in lists and kwargs": {
		func() string {
			return with(args, "82"+"9a"+hex32(cryptobox.MaxValues-4)+repeated("f6", cryptobox.MaxValues-4)+"80", kwargs, "a26161f66162f6")
		},
		func() string {
			return with(args, "82"+"9a"+hex32(cryptobox.MaxValues-4)+repeated("f6", cryptobox.MaxValues-4)+"80", kwargs, "a36161f66162f66163f6")
		},
	},
	// A map of an entry takes 336 bytes and 16 in its list: 17 MiB hold 50,640.
	"memory": {func() string { return with(args, "99c5cf"+repeated("a16000", 0xc5cf)) }, func() string { return with(args, "99c5d2"+repeated("a16000", 0xc5d2)) }},
}

func TestLimitsOfRecords(t *testing.T) {
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			_, err := openRecord(t, unhex(t, limit.within()), cryptobox.Message)
			require.NoError(t, err)
			_, err = openRecord(t, unhex(t, limit.beyond()), cryptobox.Message)
			require.ErrorIs(t, err, cryptobox.ErrTooLarge)
		})
	}
}
