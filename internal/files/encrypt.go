package files

import (
	"bytes"
	"io"
)

// Encrypt gives a text as a function writes it that encrypts.
func Encrypt(text []byte, encrypt func(io.Writer) (io.WriteCloser, error)) ([]byte, error) {
	sealed := bytes.NewBuffer(make([]byte, 0, len(text)+len(text)/1000+8192))
	w, err := encrypt(sealed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}
