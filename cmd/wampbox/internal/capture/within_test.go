package capture_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// rawSocketFrame is a frame of a type.
func rawSocketFrame(kind byte, data []byte) []byte {
	n := len(data)
	return append([]byte{kind, byte(n >> 16), byte(n >> 8), byte(n)}, data...)
}

// webSocketFrame is a frame with a first byte, masked where there is a mask.
func webSocketFrame(first byte, data, mask []byte) []byte {
	b := []byte{first}
	bit := byte(0)
	if mask != nil {
		bit = 0x80
	}
	switch n := len(data); {
	case n < 126:
		b = append(b, bit|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, bit|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, bit|127), uint64(n))
	}
	b = append(b, mask...)
	for i, c := range data {
		if mask != nil {
			c ^= mask[i%4]
		}
		b = append(b, c)
	}
	return b
}

// packet is one of IPv4 or 6 and TCP.
func packet(version int, data []byte) []byte {
	tcp := make([]byte, 32)
	tcp[12] = 8 << 4
	tcp = append(tcp, data...)
	if version == 6 {
		head := make([]byte, 40)
		head[0], head[6] = 0x60, 6
		binary.BigEndian.PutUint16(head[4:], uint16(len(tcp)))
		return append(head, tcp...)
	}
	head := make([]byte, 20)
	head[0], head[9] = 0x45, 6
	binary.BigEndian.PutUint16(head[2:], uint16(20+len(tcp)))
	return append(head, tcp...)
}

// xxd writes a dump in the layout of a tool.
func xxd(layout string, data []byte) []byte {
	var b bytes.Buffer
	for at := 0; at < len(data); at += 16 {
		line := data[at:min(at+16, len(data))]
		shown := strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return '.'
			}
			return r
		}, string(bytes.ToValidUTF8(line, []byte("."))))
		digits := hex.EncodeToString(line)
		group := func(n int) string {
			var groups []string
			for i := 0; i < len(digits); i += n {
				groups = append(groups, digits[i:min(i+n, len(digits))])
			}
			return strings.Join(groups, " ")
		}
		switch layout {
		case "xxd":
			fmt.Fprintf(&b, "%08x: %-39s  %s\n", at, group(4), shown)
		case "tcpdump":
			fmt.Fprintf(&b, "\t0x%04x:  %-39s  %s\n", at, group(4), shown)
		case "wireshark":
			fmt.Fprintf(&b, "%04x  %-47s   %s\n", at, group(2), shown)
		case "hexdump -C":
			bytes := group(2)
			if len(line) > 8 {
				bytes = bytes[:23] + " " + bytes[23:]
			}
			fmt.Fprintf(&b, "%08x  %-48s  |%s|\n", at, bytes, shown)
		case "hexdump":
			var words []string
			for i := 0; i < len(line); i += 2 {
				words = append(words, fmt.Sprintf("%02x%02x", append(line, 0)[i+1], line[i]))
			}
			fmt.Fprintf(&b, "%07x %s\n", at, strings.Join(words, " "))
		}
	}
	if strings.HasPrefix(layout, "hexdump") {
		fmt.Fprintf(&b, "%08x\n", len(data))
	}
	return b.Bytes()
}

func zip(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(data)
	_ = w.Close()
	return b.Bytes()
}

// deflated is a message of permessage-deflate.
func deflated(data []byte) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = w.Write(data)
	_ = w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})
}

func wide(text []byte, order binary.AppendByteOrder, mark bool) []byte {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(string(text))) {
		b = order.AppendUint16(b, u)
	}
	return b
}

// input is something that may be captured, and how many messages are in it.
type input struct {
	name string
	data []byte
	n    int
}

var mask = []byte{1, 0xfe, 'a', 0}

// wrapped are messages in all that they may be captured in.
func wrapped(t testing.TB) []input {
	env, _ := envelope(t, cryptobox.Wampbox)
	part := new(wire.Part)
	wire.Put(part, env)
	list := messages(part)[wamp.PUBLISH]
	var all []input
	for _, s := range serializers {
		m := marshal(t, s, list)
		opcode := byte(0x82)
		if s == "json" {
			opcode = 0x81
		}
		third := len(m) / 3
		for name, data := range map[string][]byte{
			"gzip": zip(m), "gzip twice": zip(zip(m)), "RawSocket": rawSocketFrame(0, m), "WebSocket": webSocketFrame(opcode, m, nil), "WebSocket, masked": webSocketFrame(opcode, m, mask),
			"RawSocket with handshake": append([]byte{0x7f, 0xf1, 0, 0}, rawSocketFrame(0, m)...),
			"RawSocket with pings":     append(rawSocketFrame(1, []byte("x")), append(rawSocketFrame(0, m), rawSocketFrame(2, nil)...)...),
			"WebSocket in fragments": append(append(append(webSocketFrame(opcode&0x7f, m[:third], mask), webSocketFrame(0x89, []byte("ping"), nil)...),
				webSocketFrame(0, m[third:2*third], nil)...), webSocketFrame(0x80, m[2*third:], mask)...),
			"WebSocket, deflated": webSocketFrame(opcode|0x40, deflated(m), mask), "behind HTTP": append([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"), webSocketFrame(opcode, m, nil)...),
			"IPv4": packet(4, webSocketFrame(opcode, m, mask)), "IPv6": packet(6, rawSocketFrame(0, m)), "Ethernet": append(make([]byte, 14), append(packet(4, rawSocketFrame(0, m)), 0, 0, 0)...),
			"base64 of a frame": []byte(base64.StdEncoding.EncodeToString(webSocketFrame(opcode, m, mask))), "hex with colons": []byte(strings.Join(strings.Fields(fmt.Sprintf("% x", m)), ":")),
			"a log in JSON": must(json.Marshal(map[string]any{"time": 1, "message": base64.StdEncoding.EncodeToString(m), "size": []int{1, 2}})),
			"browser":       must(json.Marshal(map[string]any{"log": map[string]any{"entries": []any{map[string]any{"_webSocketMessages": []any{map[string]any{"type": "send", "opcode": 2, "data": m}}}}}})),
			"tshark":        must(json.Marshal([]any{map[string]any{"_source": map[string]any{"layers": map[string]any{"data.data": strings.Join(strings.Fields(fmt.Sprintf("% x", m)), ":")}}}})),
		} {
			all = append(all, input{s + ", " + name, data, 1})
		}
		for _, layout := range []string{"xxd", "tcpdump", "wireshark", "hexdump -C"} {
			all = append(all, input{s + ", " + layout, xxd(layout, m), 1}, input{s + ", " + layout + " of a packet", xxd(layout, packet(4, webSocketFrame(opcode, m, mask))), 1})
		}
		two := append([]byte("12:00:00.1 IP 127.0.0.1.1 > 127.0.0.1.2: Flags [P.]\n"), xxd("tcpdump", packet(4, rawSocketFrame(0, m)))...)
		all = append(all, input{s + ", two packets", append(two, two...), 2},
			input{s + ", two frames", append(rawSocketFrame(0, m), rawSocketFrame(0, m)...), 2}, input{s + ", a batch in a frame", webSocketFrame(0x82, append(rawSocketFrame(0, m), rawSocketFrame(0, m)...), nil), 2},
			input{s + ", one and some of another", append(rawSocketFrame(0, m), rawSocketFrame(0, m)[:9]...), 1})
		if s != "json" {
			all = append(all, input{s + ", two in a row", append(bytes.Clone(m), m...), 2}, input{s + ", more behind", append(bytes.Clone(m), "and more"...), 1})
		}
	}
	m := marshal(t, "json", list)
	return append(all, ofText(m)...)
}

// ofText are those of a message in JSON.
func ofText(m []byte) []input {
	line := func(format string) []byte { return fmt.Appendf(nil, format, m) }
	return []input{
		{"a byte order mark", line("\xef\xbb\xbf%s"), 1}, {"UTF-16", wide(m, binary.LittleEndian, true), 1}, {"UTF-16, big", wide(m, binary.BigEndian, true), 1}, {"UTF-16, bare", wide(m, binary.LittleEndian, false), 1},
		{"ends of lines", line("\r\n%s\r\n"), 1}, {"a log", line("2026-01-02T03:04:05Z [router] DEBUG tx %s (17 ms)\n"), 1}, {"colors", line("\x1b[31mtx\x1b[0m %s\n"), 1},
		{"a batch", line("%s\x1e"), 1}, {"a batch of two", line("%[1]s\x1e%[1]s\x1e"), 2}, {"a record", line("\x1e%s\n"), 1}, {"lines", line("%[1]s\n\n%[1]s"), 2}, {"one after another", line("%[1]s%[1]s%[1]s"), 3},
		{"a list", line("[%[1]s,%[1]s]"), 2}, {"a list of lists", line("[[%[1]s],{\"a\":%[1]s}]"), 2}, {"over lines", bytes.ReplaceAll(m, []byte(","), []byte(",\n  ")), 1}, {"a string", must(json.Marshal(string(m))), 1},
		{"a string in a string", must(json.Marshal(string(must(json.Marshal(string(m)))))), 1}, {"a log of strings", append(line("tx %s "), must(json.Marshal(map[string]string{"log": string(line("x %s"))}))...), 2},
		{"beside others", line("[1,\"realm1\",{}]\n[2,7,{}]\n%s\n[17,1,2]\n[\"no message\"]\n[16,1,\n"), 1}, {"an odd character", line("\xff\x00 %s"), 1}, {"cut within a letter", line("%s \xe2\x82"), 1},
		{"a list, and broken ones", line("[16,1,{},\"a\" [[[{{ %s"), 1}, {"names twice", bytes.Replace(m, []byte("{}"), []byte(`{"a":1,"a":2}`), 1), 1}, {"a front page", line("event \"com.x\" [1] %s"), 1},
	}
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

// TestWithin: a message is found in all that it may be captured in, with its payload.
func TestWithin(t *testing.T) {
	for _, in := range wrapped(t) {
		found, err := capture.Parse(in.data, capture.Auto)
		require.NoError(t, err, in.name)
		require.Len(t, found.Captures, in.n, in.name)
		for _, c := range found.Captures {
			require.NoError(t, c.Err, in.name)
			require.Equal(t, capture.Message, c.Form, in.name)
			require.Equal(t, wamp.PUBLISH, c.Type, in.name)
			require.Equal(t, cryptobox.SuiteXBox, c.Suite, in.name)
			require.Contains(t, in.name+"json", c.Serializer)
		}
		require.Equal(t, strings.Contains(in.name, "some of another") || strings.Contains(in.name, "more behind"), found.Left > 0, in.name)
	}
}

// TestPayloadWritten: a payload alone is found in all ways in which people write bytes.
func TestPayloadWritten(t *testing.T) {
	env, id := envelope(t, cryptobox.Wampbox)
	p := env.Payload
	spaced := fmt.Sprintf("% x", p)
	numbers := strings.ReplaceAll(strings.Trim(fmt.Sprint(p), "[]"), " ", ", ")
	encoded := base64.StdEncoding.EncodeToString(p)
	var python strings.Builder
	for _, b := range p {
		switch {
		case b == '\'' || b == '\\':
			python.WriteString(`\` + string(rune(b)))
		case b >= ' ' && b <= '~':
			python.WriteByte(b)
		default:
			fmt.Fprintf(&python, `\x%02x`, b)
		}
	}
	for name, text := range map[string]string{
		"0x": "0x" + hex.EncodeToString(p), "colons": strings.ReplaceAll(spaced, " ", ":"), "dashes": strings.ReplaceAll(strings.ToUpper(spaced), " ", "-"), "spaces": spaced + "\r\n",
		"C": "{0x" + strings.ReplaceAll(spaced, " ", ", 0x") + "};", "JavaScript": "<Buffer " + spaced + ">", "PostgreSQL": `\x` + hex.EncodeToString(p), "CBOR": "h'" + hex.EncodeToString(p) + "'", `\x`: `\x` + strings.ReplaceAll(spaced, " ", `\x`),
		"Python": "b'" + python.String() + "'", "Go": fmt.Sprint(p), "numbers": "[" + numbers + "]", "url": "data:application/octet-stream;base64," + encoded, "NUL written": `"` + `\u0000` + encoded + `"`,
		"NUL, bare": `\u0000` + encoded, "quoted": "'" + encoded + "',", "Python's base64": "b'" + encoded + "'", "base64 over lines": encoded[:76] + "\r\n" + encoded[76:] + "\r\n", "byte order mark": "\xef\xbb\xbf" + encoded,
		"xxd": string(xxd("xxd", p)), "hexdump -C": string(xxd("hexdump -C", p)), "tcpdump": string(xxd("tcpdump", p)), "wireshark": string(xxd("wireshark", p)), "gzip": string(zip(p)),
	} {
		c, err := parse([]byte(text), capture.Auto)
		require.NoError(t, err, name)
		require.Equal(t, capture.Payload, c.Form, name)
		require.Equal(t, p, c.Payload, name)
		require.Equal(t, id, c.KeyID, name)
	}
	for _, n := range []int{1, 2, 15, 16, 17, 31, 32} { // a dump's last line
		for _, layout := range []string{"xxd", "hexdump -C", "tcpdump", "wireshark"} {
			data := append(bytes.Clone(p), bytes.Repeat([]byte("ab"), n)[:n]...)
			c, err := parse(xxd(layout, data), capture.Auto)
			require.NoError(t, err, layout)
			require.Equal(t, data, c.Payload, "%s, %d", layout, n)
		}
	}
}

// TestNamed: what is no capture is called what it is.
func TestNamed(t *testing.T) {
	env, _ := envelope(t, cryptobox.Wampbox)
	part := new(wire.Part)
	wire.Put(part, env)
	random := make([]byte, 300)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(random)
	tls := append([]byte{23, 3, 3, 1, 44}, random...)
	for says, inputs := range map[string][][]byte{
		"it is empty":           {nil, []byte(" \t\r\n"), []byte("\xef\xbb\xbf\n"), []byte(`""`), zip(nil), []byte("[]")[:0]},
		"it is a keyring file":  {[]byte(`{"version":2,"patterns":[{"prefix":"a.","plain":true}]}`), []byte(`{"keys":[],"version":1}`), zip([]byte(`{"version":2,"patterns":[]}`)), []byte(`keyring: {"version":2,"patterns":[]}`), []byte(`[{"version":2,"patterns":[]}]`)},
		"encrypted with age":    {[]byte("age-encryption.org/v1\n-> X25519 x\n"), append([]byte("age-encryption.org/v1\n-> X25519 x\n--- y\n"), random...), []byte("-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n")},
		"PEM":                   {[]byte("-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n")},
		"HTTP":                  {[]byte("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n"), []byte("HTTP/1.1 101 Switching Protocols\r\n\r\n"), []byte("<html><body>502</body>"), []byte("<!DOCTYPE html>")},
		"swapped":               {xxd("hexdump", random)},
		"a file of packets":     {append([]byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00"), random...), append([]byte("\x0a\x0d\x0d\x0a"), random...)},
		"packets of a network":  {packet(4, random), xxd("tcpdump", packet(6, random)), append(xxd("tcpdump", packet(4, random)), xxd("tcpdump", packet(4, random))...)},
		"records of TLS":        {tls, append(bytes.Clone(tls), tls...), append([]byte{22, 3, 1, 2, 0}, random...)},
		"zip file":              {append([]byte("PK\x03\x04"), random...)},
		"a picture":             {append([]byte("\x89PNG\r\n\x1a\n"), random...)},
		"of gzip":               {zip(random)[:100]},
		"odd number of digits":  {[]byte(hex.EncodeToString(random)[1:])},
		"base64 that isn't":     {[]byte(base64.StdEncoding.EncodeToString(random)[:101])},
		"one byte, again":       {make([]byte, 100)},
		"a connection is begun": {{0x7f, 0xf1, 0, 0}, rawSocketFrame(1, random), webSocketFrame(0x89, []byte("ping"), mask), webSocketFrame(0x88, nil, nil)},
		"it is text":            {[]byte("Hello, world! How are you, and what is it that you have?"), []byte("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\n"), []byte("\x1b[31mred\x1b[0m"), []byte("a: b\nc: d\n"), []byte(`print("hello")`)},
	} {
		for i, data := range inputs {
			found, err := capture.Parse(data, capture.Auto)
			require.ErrorIs(t, err, capture.ErrCapture, "%s %d", says, i)
			require.ErrorContains(t, err, says, "%d", i)
			require.Nil(t, found)
		}
	}
}

// TestCutShort: a message that isn't whole is called that, in every serializer and frame,
// wherever it is cut, unless less is left than would be sealed. Where the sealed argument is
// whole, that is taken.
func TestCutShort(t *testing.T) {
	for _, dialect := range dialects {
		env, _ := envelope(t, dialect)
		part := new(wire.Part)
		wire.Put(part, env)
		for kind, list := range messages(part) {
			for _, s := range serializers {
				m := marshal(t, s, list)
				for name, data := range map[string][]byte{"bare": m, "RawSocket": rawSocketFrame(0, m), "WebSocket": webSocketFrame(0x82, m, nil)} {
					for cut := len(data) - 1; cut >= 41; cut -= 7 {
						found, err := capture.Parse(data[:cut], capture.Auto)
						if err == nil && s == "json" && bytes.Contains(data[:cut], []byte(`"}`)) {
							require.Equal(t, capture.EncArgument, found.Captures[0].Form)
							require.Equal(t, env.Payload, found.Captures[0].Payload)
							continue
						}
						require.ErrorIs(t, err, capture.ErrCapture, "%v %v %s %s %d", dialect, kind, s, name, cut)
						require.ErrorContains(t, err, "isn't whole", "%v %v %s %s %d", dialect, kind, s, name, cut)
					}
				}
			}
		}
	}
}

// TestRandom: random bytes are taken for a payload, as they may be one.
func TestRandom(t *testing.T) {
	source := rand.NewChaCha8([32]byte{2})
	wrong := 0
	for range 20_000 {
		data := make([]byte, 60)
		_, _ = source.Read(data)
		if c, err := parse(data, capture.Auto); err != nil || c.Form != capture.Payload || !bytes.Equal(c.Payload, data) {
			wrong++
		}
	}
	require.LessOrEqual(t, wrong, 4)
}

// TestSeveral: one that isn't whole doesn't hide the others.
func TestSeveral(t *testing.T) {
	found, err := capture.Parse([]byte("[16,1,{},\"a\",[1]]\n[16,1,{\"enc_algo\":\"cryptobox\"},\"a\",[\"secret\"]]\n[1,\"realm\",{}]\n"), capture.Auto)
	require.NoError(t, err)
	require.Len(t, found.Captures, 2)
	require.Equal(t, 1, found.Passed)
	require.NoError(t, found.Captures[0].Err)
	require.ErrorIs(t, found.Captures[1].Err, wire.ErrParts)
	_, err = capture.Parse([]byte("[1,\"realm\",{}]\n[2,1,{}]\n"), capture.Auto)
	require.ErrorContains(t, err, "this is none of them")
	found, err = capture.Parse(bytes.Repeat([]byte(`[16,1,{},"a"]`), 11_000), capture.Auto)
	require.NoError(t, err)
	require.Len(t, found.Captures, 10_000)
}
