package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// What there may be in place of a capture, and what to give then.
var (
	errEmpty   = fmt.Errorf("%w: it is empty", ErrCapture)
	errNone    = fmt.Errorf("%w: of WAMP's messages, PUBLISH, EVENT, CALL, INVOCATION, YIELD, RESULT and ERROR carry a payload, and this is none of them", ErrCapture)
	errLayers  = fmt.Errorf("%w: it is wrapped too many times: unpack it first", ErrCapture)
	errText    = fmt.Errorf("%w: it is text, and there is no message of WAMP in JSON in it, no base64 and no hex (-encoding raw takes it as it is)", ErrCapture)
	errKeyring = fmt.Errorf("%w: it is a keyring file, which goes to -keyring; give what was captured here", ErrCapture)
	errCutJSON = fmt.Errorf("%w: it begins like a message of WAMP in JSON, and isn't whole JSON: give all of it, to the last bracket, as it was sent", ErrCapture)
	errAge     = fmt.Errorf("%w: it is a file that is encrypted with age; a keyring file goes to -keyring", ErrCapture)
	errPEM     = fmt.Errorf("%w: it is PEM, as certificates and keys are", ErrCapture)
	errHTTP    = fmt.Errorf("%w: it is HTTP, as a WebSocket begins with, or a web page: give what comes behind it on a connection", ErrCapture)
	errSwapped = fmt.Errorf("%w: it is a dump of 16-bit words, whose bytes are swapped: make it with hexdump -C or xxd", ErrCapture)
	errPackets = fmt.Errorf("%w: these are packets of a network, and no message is in one of them alone: "+stream, ErrCapture)
	errPcap    = fmt.Errorf("%w: it is a file of packets: "+stream, ErrCapture)
	errTLS     = fmt.Errorf("%w: these are records of TLS, which are encrypted for the router: capture at a client or at the router, or without TLS", ErrCapture)
	errHex     = fmt.Errorf("%w: it is hex with an odd number of digits: one is missing, or one too many", ErrCapture)
	err64      = fmt.Errorf("%w: it is base64 that isn't whole: copy all of it", ErrCapture)
	errCut     = fmt.Errorf("%w: it begins like a message of WAMP in MessagePack or CBOR, and isn't whole: give all of it, and nothing else "+
		"(-encoding raw takes it as a payload)", ErrCapture)
	errFrame   = fmt.Errorf("%w: it begins like a frame of RawSocket or WebSocket, and isn't whole, or no message of WAMP is in it: give all of it", ErrCapture)
	errControl = fmt.Errorf("%w: these are bytes by which a connection is begun, held or ended, and no message: give those that follow", ErrCapture)
	errSame    = fmt.Errorf("%w: it is one byte, again and again", ErrCapture)
)

const stream = "save the bytes of the connection, as Wireshark does by Follow TCP Stream, and give those"

// files are known by how they begin.
var files = []struct {
	begin string
	is    string
}{
	{"\x1f\x8b", "a file of gzip that isn't whole, or has too much in it"}, {"PK\x03\x04", "a zip file"}, {"\x89PNG\r\n", "a picture"}, {"\xff\xd8\xff", "a picture"},
	{"%PDF-", "a PDF"}, {"\x7fELF", "a program"}, {"MZ\x90", "a program"}, {"BZh9", "a file of bzip2"}, {"\x28\xb5\x2f\xfd", "a file of zstd"},
	{"\xfd7zXZ\x00", "a file of xz"}, {"SQLite format 3\x00", "a database of SQLite"}, {"\x30\x82", "a certificate or key, in DER"},
}

// captures are files of packets.
var captures = []string{"\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x0a\x0d\x0d\x0a"}

// named says what bytes are that nothing was found in, nil where they may be a payload.
func named(data []byte) error {
	for _, begin := range captures {
		if bytes.HasPrefix(data, []byte(begin)) {
			return errPcap
		}
	}
	for _, file := range files {
		if bytes.HasPrefix(data, []byte(file.begin)) {
			return fmt.Errorf("%w: it is %s", ErrCapture, file.is)
		}
	}
	switch {
	case len(data) == 0:
		return errEmpty
	case bytes.HasPrefix(data, []byte("age-encryption.org/")):
		return errAge
	case len(bytes.Trim(data, string(data[:1]))) == 0 && len(data) > 1 && data[0] < 0x80:
		return errSame
	case isTLS(data):
		return errTLS
	case isControlFrames(data):
		return errControl
	case likeBinary(data):
		return errCut
	case likeFrame(data):
		return errFrame
	}
	return nil
}

// isTLS tells whether bytes begin with a record of TLS that is there to its end, or are less
// than one (RFC 8446, section 5.1).
func isTLS(data []byte) bool {
	const head, changeCipher, applicationData, most = 5, 20, 23, 1<<14 + 1<<11
	if len(data) < head || data[0] < changeCipher || data[0] > applicationData || data[1] != 3 || data[2] > 4 {
		return false
	}
	size := int(binary.BigEndian.Uint16(data[3:]))
	if size == 0 || size > most {
		return false
	}
	next := data[min(head+size, len(data)):]
	return len(next) == 0 || next[0] >= changeCipher && next[0] <= applicationData
}

// isControlFrames tells of the handshake of RawSocket, and of pings and ends. Payloads may begin
// like those of WebSocket, but not short ones.
func isControlFrames(data []byte) bool {
	const short = 40
	return len(data) == 4 && data[0] == 0x7f && data[2] == 0 && data[3] == 0 ||
		noMessages(data, nextRawSocket) || len(data) < short && noMessages(data, nextWebSocket)
}

// noMessages tells whether a stream has whole frames alone, and no message in them.
func noMessages(data []byte, next func([]byte) (frame, bool)) bool {
	for len(data) > 0 {
		fr, ok := next(data)
		if !ok || fr.message {
			return false
		}
		data = data[fr.size:]
	}
	return true
}

// likeFrame tells whether bytes begin with the head of a frame, and then like a message.
func likeFrame(data []byte) bool {
	for _, head := range []int{4, 2, 10} {
		if head >= len(data) {
			continue
		}
		known := data[0] == 0 && head == 4 || (data[0] == 0x81 || data[0] == 0x82) && data[1] < 0x80
		if known && (likeJSON(data[head:]) || likeBinary(data[head:])) {
			return true
		}
	}
	_, whole := nextRawSocket(data)
	return whole && len(data) > 4 && data[0] == 0 && int(data[1])<<16|int(data[2])<<8|int(data[3]) == len(data)-4
}

// jsonBeginning is that of a message of WAMP that carries a payload.
var jsonBeginning = regexp.MustCompile(`^\[\s*(?:8|16|36|48|50|68|70)\s*,\s*[0-9]{1,16}\s*(?:,|$)`)

func likeJSON(text []byte) bool { return jsonBeginning.Match(text) }

// likeBinary tells whether bytes begin like a message of WAMP that carries a payload, in
// MessagePack or CBOR.
func likeBinary(data []byte) bool {
	heads := []func([]byte, int) codec.Head{codec.MessagePackHead, codec.CBORHead}
	for _, head := range heads {
		root := head(data, 0)
		if root.Kind != codec.KindList || root.Open || root.N < 3 || root.N > maxElements {
			continue
		}
		kind := head(data, root.End)
		if !isNumber(kind) || !carries(kind.N) {
			continue
		}
		id := head(data, kind.End)
		if !isNumber(id) {
			continue
		}
		if next := head(data, id.End); next.Kind == codec.KindMap || isNumber(next) {
			return true
		}
	}
	return false
}

func isNumber(h codec.Head) bool {
	return h.Kind == codec.KindUint || h.Kind == codec.KindInt && int64(h.N) >= 0
}

// isKeyring tells whether a map in JSON has the fields of a keyring file.
func isKeyring(value []byte) bool {
	d := jsontext.NewDecoder(bytes.NewBuffer(value), jsonOptions...)
	if open, err := d.ReadToken(); err != nil || open.Kind() != '{' {
		return false
	}
	has := map[string]bool{}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return false
		}
		switch name := name.String(); name {
		case "version", "patterns", "keys":
			has[name] = true
		}
		if d.SkipValue() != nil {
			return false
		}
	}
	return has["version"] && (has["patterns"] || has["keys"])
}

var (
	hexText  = regexp.MustCompile(`^[\s:0-9A-Fa-f]{40,}$`)
	text64   = regexp.MustCompile(`^[\s0-9A-Za-z+/_-]{40,}={0,2}$`)
	httpText = regexp.MustCompile(`^(?:HTTP/[0-9.]+ |[A-Z]{3,7} \S+ HTTP/|(?i)<(?:!doctype|html|\?xml))`)
)

// namedText says what a text is that nothing was found in.
func namedText(text []byte) error {
	pem := []byte("-----BEGIN ")
	switch {
	case bytes.HasPrefix(text, []byte("age-encryption.org/")), bytes.HasPrefix(text, append(pem, "AGE "...)):
		return errAge
	case bytes.HasPrefix(text, pem):
		return errPEM
	case httpText.Match(text):
		return errHTTP
	case likeJSON(text):
		return errCutJSON
	case text64.Match(text) && isWrapped(text):
		return err64
	}
	return errText
}
