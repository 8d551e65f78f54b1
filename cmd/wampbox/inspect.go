package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// captured explains what open and inspect read, in their help.
const captured = `What is read, from the file or from standard input, is

   - a sealed payload alone, as it is or written in base64 or hex;
   - whole WAMP messages in JSON, MessagePack or CBOR, sealed in an argument
     enc (our dialect), by enc_* attributes (autobahn) or by ppt_* ones (passthru);
   - keyword arguments alone, {"enc": ...}; or {"args": ..., "kwargs": ...}, also in a
     line of examples/router -show.

Which one is found out, unless -encoding says it, and so is what it is in: base64, hex with
or without 0x and colons, a dump by xxd, hexdump -C or tcpdump -X, lines of a log,
other JSON, batches, frames of RawSocket and WebSocket, gzip. Where there are several
messages, each is shown in turn. What is none of these is refused, with what it is.`

func inspectCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "inspect",
		Usage:     "show what a captured payload says of itself, without keys",
		ArgsUsage: "[FILE]",
		Description: captured + `

Prints dialect, suite or algorithm, key id, and the sizes of payload and record. "ref"
names a publish or call in errors and logs of both ends. Of signed keys, a publish or call
has an encapsulated key, and an answer has none; who signed it, and whether at all, is
sealed with the record. Nothing of that is proved: it is what the router also sees, and
may have changed.
A payload alone doesn't say its dialect: what is shown is that of ours, if it begins as
one does, else its sizes as Autobahn seals it. What this library sealed before any
release had another form, which is named, and opened by nothing.

Exits with 1 for what is no payload, holds parts of an envelope that isn't
whole, or is too short to be sealed; with 0 also for a message that is plain. With
-json, several messages are several JSON objects, one behind the other.

Examples:

   $ wampbox inspect message.json
   $ echo '[16,1,{},"com.myapp.hello",["Hello"]]' | wampbox inspect -json
   $ xxd -p -s 34 -l 120 capture.bin | wampbox inspect -encoding hex`,
		Flags: []cli.Flag{encodingFlag(), jsonFlag()},
	}, inspect)
}

func encodingFlag() cli.Flag {
	flag := flags.OneOf("encoding", "how the input is written, `NAME` is auto, raw, base64 or hex", "auto", "raw", "base64", "hex")
	flag.Value = string(capture.Auto)
	return flag
}

// readCaptures reads what was captured, and says what was passed over.
func readCaptures(cmd *cli.Command) ([]*capture.Capture, error) {
	input, err := readInput(cmd.Args().First(), capture.MaxInput)
	if err != nil {
		return nil, err
	}
	found, err := capture.Parse(input, capture.Encoding(cmd.String("encoding")))
	if err != nil {
		return nil, err
	}
	if found.Passed > 0 {
		note("passed over, as they carry no payload: %s", plural(found.Passed, "message"))
	}
	if found.Left > 0 {
		note("behind the last message: %s of something else, or of a message that isn't whole", plural(found.Left, "byte"))
	}
	return found.Captures, nil
}

// each does something with each of several captures, and says of which one an error is.
func each(captures []*capture.Capture, do func(*capture.Capture) error) error {
	if len(captures) == 1 {
		return do(captures[0])
	}
	var failed []error
	for i, c := range captures {
		err := c.Err
		if err == nil {
			err = do(c)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("message %d of %d: %w", i+1, len(captures), err))
		}
	}
	return errors.Join(failed...)
}

// inspection is what inspect prints as JSON. Absent is what isn't known.
type inspection struct {
	Form         string   `json:"form"`
	Encoding     string   `json:"encoding"`
	Within       []string `json:"within,omitempty"`
	Message      string   `json:"message,omitempty"`
	WrittenIn    string   `json:"message_serializer,omitempty"`
	URI          string   `json:"uri,omitempty"`
	Sealed       bool     `json:"sealed"`
	Format1      bool     `json:"format_1,omitempty"`
	Dialect      string   `json:"dialect,omitempty"`
	Suite        string   `json:"suite,omitempty"`
	Algorithm    string   `json:"algorithm,omitempty"`
	KeyID        string   `json:"key_id,omitempty"`
	Ref          string   `json:"ref,omitempty"` // names a publish or call in errors and logs
	Direction    string   `json:"direction,omitempty"`
	Encapsulated int      `json:"encapsulated_bytes,omitempty"`
	Contents     int      `json:"contents_bytes,omitempty"` // of a signed key, as the record's aren't known
	PayloadBytes int      `json:"payload_bytes,omitempty"`
	RecordBytes  int      `json:"record_bytes,omitempty"`
}

// format1 names what was sealed before any release.
const format1 = "format 1 of this library, before any release"

func inspect(_ context.Context, cmd *cli.Command) error {
	captures, err := readCaptures(cmd)
	if err != nil {
		return err
	}
	between := ""
	return each(captures, func(c *capture.Capture) error {
		seen := look(c)
		if cmd.Bool("json") {
			err = outputJSON(seen)
		} else {
			err = output([]byte(between + seen.String()))
			between = "\n"
		}
		size, known := c.RecordSize()
		if c.Signed() {
			size, known = c.ContentsSize(), c.Direction() != 0
		}
		if err == nil && known && size < 1 {
			return fmt.Errorf("%d bytes are too short to be sealed", seen.PayloadBytes)
		}
		return err
	})
}

func look(c *capture.Capture) inspection {
	seen := inspection{
		Form: string(c.Form), Encoding: string(c.Encoding), Within: c.Within, WrittenIn: c.Serializer, URI: keyfile.Conceal(c.URI), Sealed: c.Sealed(),
		Format1: c.Format1, Dialect: c.Dialect, Algorithm: keyfile.Conceal(c.Algorithm), KeyID: keyfile.Conceal(c.KeyID), PayloadBytes: len(c.Payload),
	}
	if c.Form == capture.Message {
		seen.Message = c.Type.String()
	}
	if c.Suite != 0 {
		seen.Suite = c.Suite.String()
	}
	if size, known := c.RecordSize(); known {
		seen.RecordBytes = max(size, 0)
	}
	if c.Suite != 0 && c.Direction() != cryptobox.Answer {
		seen.Ref = cryptobox.RefOf(c.Payload).String()
	}
	if c.Signed() {
		seen.signed(c)
	}
	return seen
}

// signed tells what there is of a signed key.
func (s *inspection) signed(c *capture.Capture) {
	if d := c.Direction(); d != 0 {
		s.Direction = d.String()
	}
	s.Encapsulated, s.Contents = c.Encapsulated(), max(c.ContentsSize(), 0)
}

// String writes a line for each fact. What others wrote is quoted: it goes to a
// terminal.
func (s inspection) String() string {
	var b strings.Builder
	line := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-12s %s\n", label, value)
		}
	}
	line("form", strings.TrimSpace(s.Form+", "+s.Encoding))
	line("found in", strings.Join(s.Within, ", "))
	if s.Message != "" {
		line("message", s.Message+" in "+s.WrittenIn)
	}
	line("uri", quoted(s.URI))
	if !s.Sealed && s.Form == string(capture.Arguments) {
		line("sealed", "no enc argument: plain, or for others than this library, which have more in the message")
		return b.String()
	}
	if !s.Sealed {
		line("sealed", "no, the payload is plain")
		return b.String()
	}
	if s.Format1 {
		line("sealed", "in "+format1+": nothing opens it")
		return b.String()
	}
	line("dialect", s.Dialect)
	line("suite", s.Suite)
	line("algorithm", quoted(s.Algorithm))
	line("key id", quoted(s.KeyID))
	line("ref", s.Ref)
	line("payload", fmt.Sprintf("%d bytes", s.PayloadBytes))
	if unless := " unless it is an answer"; s.Encapsulated > 0 {
		if s.Direction != "" {
			unless = ""
		}
		line("encapsulated", fmt.Sprintf("%d bytes%s", s.Encapsulated, unless))
	}
	if s.Contents > 0 {
		line("contents", fmt.Sprintf("%d bytes, a signature and the record", s.Contents))
	}
	if s.RecordBytes > 0 {
		line("record", fmt.Sprintf("%d bytes", s.RecordBytes))
	}
	return b.String()
}

// quoted quotes text that isn't empty.
func quoted(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf("%q", s)
}
