package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// wrappings are what bytes may be in, each known by how it begins.
var wrappings = []struct {
	name  string
	open  func(f *finder, data []byte) ([]byte, bool)
	other error // for what is in there and is nothing of WAMP; nil where that may be a payload
}{
	{"UTF-16", fromUTF16, nil}, {"gzip", (*finder).unzip, nil}, {"HTTP", behindHTTP, errHTTP}, {"TCP", segment, errPackets},
}

// fromUTF16 reads a text with a byte order mark, or one that begins with a bracket.
func fromUTF16(_ *finder, data []byte) ([]byte, bool) {
	if len(data) < 4 || len(data)%2 != 0 {
		return nil, false
	}
	var order binary.ByteOrder
	switch first := [2]byte(data); {
	case first == [2]byte{0xff, 0xfe}, data[1] == 0 && data[3] == 0 && isBracket(data[0]):
		order = binary.LittleEndian
	case first == [2]byte{0xfe, 0xff}, data[0] == 0 && data[2] == 0 && isBracket(data[1]):
		order = binary.BigEndian
	default:
		return nil, false
	}
	units, ascii := make([]uint16, len(data)/2), 0
	for i := range units {
		if units[i] = order.Uint16(data[2*i:]); units[i] < utf8.RuneSelf {
			ascii++
		}
	}
	if 2*ascii < len(units) {
		return nil, false
	}
	var text []byte
	for _, r := range utf16.Decode(units) {
		if r != '\ufeff' {
			text = utf8.AppendRune(text, r)
		}
	}
	return text, isText(text)
}

func isBracket(b byte) bool { return b == '[' || b == '{' }

func (f *finder) unzip(data []byte) ([]byte, bool) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, false
	}
	return f.unpack(r)
}

// behindHTTP gives what follows the head of the request or answer that a WebSocket begins
// with.
func behindHTTP(_ *finder, data []byte) ([]byte, bool) {
	if !bytes.HasPrefix(data, []byte("GET ")) && !bytes.HasPrefix(data, []byte("HTTP/1.1 101 ")) {
		return nil, false
	}
	_, rest, found := bytes.Cut(data, []byte("\r\n\r\n"))
	return rest, found && len(rest) > 0
}

// Sizes of heads, in bytes (RFC 791, 8200, 9293).
const (
	ethernetHead = 14
	cookedHead   = 16 // of Linux's device any
	nullHead     = 4  // of BSD's loopback
	ipv6Head     = 40
	tcpHead      = 20
	protocolTCP  = 6
)

// segment gives what a packet of IP carries of a connection, with or without the head of
// the network before it.
func segment(_ *finder, data []byte) ([]byte, bool) {
	for _, head := range []int{0, ethernetHead, cookedHead, nullHead} {
		if head >= len(data) {
			continue
		}
		if inner, ok := fromTCP(fromIP(data[head:])); ok {
			return inner, true
		}
	}
	return nil, false
}

// fromIP gives what a packet that is there to its end carries of TCP, nil for anything else.
func fromIP(packet []byte) []byte {
	var head, size int
	switch {
	case len(packet) >= 20 && packet[0]>>4 == 4 && packet[9] == protocolTCP:
		head, size = 4*int(packet[0]&0xf), int(binary.BigEndian.Uint16(packet[2:]))
	case len(packet) >= ipv6Head && packet[0]>>4 == 6 && packet[6] == protocolTCP:
		head, size = ipv6Head, ipv6Head+int(binary.BigEndian.Uint16(packet[4:]))
	}
	const padding = 64 // up to the least that Ethernet sends
	if head < 20 || size < head || size > len(packet) || len(packet)-size >= padding {
		return nil
	}
	return packet[head:size]
}

func fromTCP(segment []byte) ([]byte, bool) {
	if len(segment) < tcpHead {
		return nil, false
	}
	head := 4 * int(segment[12]>>4)
	if head < tcpHead || head >= len(segment) {
		return nil, false
	}
	return segment[head:], true
}
