package capture

import (
	"bytes"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// dumpLine is a line of hexdump -C, xxd, od -A x -t x1, tcpdump -x or -X, or Wireshark: an offset in
// hex, bytes in hex, and often what of them is printable.
var dumpLine = regexp.MustCompile(`^\s*(0x)?([0-9A-Fa-f]{4,16})(:?)(?:\s+(\S.*))?$`)

// swappedLine has words of 16 bits, in the order of the machine.
var swappedLine = regexp.MustCompile(`^(?:[0-9A-Fa-f]{4}(?: |$)){2,}`)

// dump is one that begins at the offset 0.
type dump struct {
	data   []byte
	lines  []string // behind their offsets, which may be followed by one
	at     []int    // offsets
	words  bool     // swapped
	closed bool
}

// dumps reads the dumps that there are in a text, as of one packet after another. It gives
// none where most lines are no part of one.
func dumps(text []byte) []*dump {
	var all []*dump
	lines, parts := 0, 0
	for raw := range strings.Lines(string(text)) {
		line := strings.TrimRight(raw, "\r\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		lines++
		m := dumpLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		offset, err := strconv.ParseInt(m[2], 16, 64)
		if err != nil {
			continue
		}
		if offset == 0 && m[4] != "" {
			all = append(all, &dump{words: m[1] == "" && m[3] == "" && swappedLine.MatchString(m[4])})
		}
		if len(all) == 0 || !all[len(all)-1].add(int(offset), m[4]) {
			continue
		}
		parts++
	}
	if 2*parts < lines {
		return nil
	}
	for _, d := range all {
		if !d.finish() {
			return nil
		}
	}
	return all
}

// add takes a line whose offset follows on the one before.
func (d *dump) add(offset int, rest string) bool {
	const widest = 256
	if n := len(d.at); d.closed || n == 0 && offset != 0 || n > 0 && (offset <= d.at[n-1] || offset-d.at[n-1] > widest) {
		return false
	}
	d.at = append(d.at, offset)
	if rest == "" {
		d.closed = true // the offset of the end
		return true
	}
	d.lines = append(d.lines, rest)
	return true
}

// finish reads the bytes. How many a line has, the next one's offset says; in the last one
// they end where those of the line before did, or at the first gap.
func (d *dump) finish() bool {
	width := -1
	for i, line := range d.lines {
		count := -1
		if i+1 < len(d.at) {
			count = d.at[i+1] - d.at[i]
		}
		data, used, ok := dumped(line, count, width)
		if !ok {
			return false
		}
		if width < 0 {
			width = used
		}
		d.data = append(d.data, data...)
	}
	return len(d.data) > 0
}

// dumped reads the bytes of a line, as many as there have to be, or for -1 as many as there
// are in the first columns.
func dumped(line string, count, width int) (data []byte, used int, ok bool) {
	line, _, _ = strings.Cut(line, "  |")
	if before, _, found := strings.Cut(line, "  >"); found {
		line = before
	}
	switch {
	case count >= 0:
	case width >= 0:
		line = line[:min(width, len(line))]
	default:
		line, _, _ = strings.Cut(line, "  ")
	}
	for count < 0 || len(data) < count {
		rest := strings.TrimLeft(line[used:], " \t")
		at := len(line) - len(rest)
		token, _, _ := strings.Cut(rest, " ")
		if token == "" {
			break
		}
		b, err := hex.DecodeString(token)
		if err != nil {
			return nil, 0, false
		}
		data, used = append(data, b...), at+len(token)
	}
	return data, used, len(data) > 0 && (count < 0 || len(data) == count)
}

// dump looks into the dumps that a text is. What one alone is may be a payload.
func (f *finder) dump(text []byte) bool {
	all := dumps(text)
	all = all[:min(len(all), maxFound)]
	if len(all) == 0 {
		return false
	}
	for _, d := range all {
		if d.words {
			f.say(errSwapped)
			return false
		}
	}
	alone := f.alone
	defer func() { f.alone = alone }()
	f.alone = f.alone && len(all) == 1
	found := false
	for _, d := range all {
		found = f.inside("hex dump", func() bool { return f.decoded(bytes.Clone(d.data), Hex) }) || found
	}
	if !found && len(all) > 1 {
		f.say(errPackets)
	}
	return found
}
