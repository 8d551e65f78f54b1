package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile"
)

// header is what an encrypted file says of itself (age specification, "Header
// structure").
type header struct {
	raw        []byte
	armored    bool
	passphrase bool
	recipients int
}

// maxHeader is room for thousands of recipients.
const maxHeader = 1 << 20

// readHeader reads the header of a file. It returns nil for one that isn't
// encrypted.
func readHeader(path string) (*header, error) {
	file, err := openKeyring(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	start := bufio.NewReader(io.LimitReader(file, maxHeader))
	begin, _ := start.Peek(64) // an error comes again when the file is loaded
	if !agefile.Encrypted(begin) {
		return nil, nil
	}
	h := &header{armored: !bytes.HasPrefix(begin, []byte("age-encryption.org/"))}
	var binary io.Reader = start
	if h.armored {
		binary = armor.NewReader(start)
	}
	if h.raw, err = age.ExtractHeader(binary); err != nil {
		return nil, fmt.Errorf("%s: %w: its header isn't whole", path, agefile.ErrDecrypt)
	}
	for line := range bytes.Lines(h.raw) {
		if stanza, ok := bytes.CutPrefix(line, []byte("-> ")); ok {
			h.recipients++
			h.passphrase = h.passphrase || bytes.HasPrefix(stanza, []byte("scrypt "))
		}
	}
	return h, nil
}

// encrypt encrypts in the same form as the file that was read.
func (h *header) encrypt(w io.Writer, recipient age.Recipient) (io.WriteCloser, error) {
	if !h.armored {
		return age.Encrypt(w, recipient)
	}
	armored := armor.NewWriter(w)
	plain, err := age.Encrypt(armored, recipient)
	if err != nil {
		return nil, err
	}
	return &both{plain, armored}, nil
}

// both closes the armor behind what is encrypted into it.
type both struct {
	io.WriteCloser
	armored io.Closer
}

// Close ends the file.
func (b *both) Close() error {
	if err := b.WriteCloser.Close(); err != nil {
		return err
	}
	return b.armored.Close()
}
