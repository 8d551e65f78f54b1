package authority

import "github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"

// WithStep has a function be told of each step of what is done to the folders, before it is taken.
func (o Options) WithStep(step func(string)) Options {
	o.step = step
	return o
}

// Rewritten parses the text of authority.json, and gives it as it would be written.
func Rewritten(text []byte) ([]byte, error) {
	s, err := parseState(text)
	if err != nil {
		return nil, err
	}
	return s.marshal()
}

// KeyOf gives the private key of authority.json.
func KeyOf(text []byte) (cryptobox.SigningKey, error) {
	s, err := parseState(text)
	if err != nil {
		return cryptobox.SigningKey{}, err
	}
	return s.Key.key, nil
}
