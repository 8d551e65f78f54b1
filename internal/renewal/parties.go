package renewal

import (
	"path/filepath"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Party is whom a file is of, in signed keys.
type Party struct {
	Name                 string
	Originates, Responds bool
}

// PartyOf names the party whose file is at a path.
func PartyOf(path string) string {
	name := filepath.Base(path)
	if cut := strings.TrimSuffix(name, filepath.Ext(name)); cut != "" {
		name = cut
	}
	return name
}

// Reading is a reading key, or its public half alone.
type Reading struct {
	Private cryptobox.ReadingKey
	Public  cryptobox.ReadingPublicKey
}

// NewReading makes a reading key.
func NewReading(suite cryptobox.Suite) (Reading, error) {
	private, err := cryptobox.GenerateReadingKey(suite)
	if err != nil {
		return Reading{}, err
	}
	return Reading{private, private.Public()}, nil
}

// SignedKeys is what a new signed key is made of, for the files of some parties.
type SignedKeys struct {
	AnyAnswerer, Once bool
	Reading           Reading
	Parties           []Party                // in the order of the files
	Signs             []cryptobox.SigningKey // theirs; nil where they keep what they have
}

// Does tells which roles the parties have.
func (s *SignedKeys) Does() (originates, responds bool) {
	for _, p := range s.Parties {
		originates, responds = originates || p.Originates, responds || p.Responds
	}
	return originates, responds
}

// Names gives those of the parties.
func (s *SignedKeys) Names() []string {
	var names []string
	for _, p := range s.Parties {
		names = append(names, p.Name)
	}
	return names
}

// Fill gives a version the keys and lists of one of the parties.
func (s *SignedKeys) Fill(v *keyfile.Version, i int) {
	v.Sign, v.SignedOnce = keyfile.SigningKey(s.Signs[i]), s.Once
	if s.Parties[i].Originates {
		v.Seal, v.AnyAnswerer = keyfile.ReadingPublicKey(s.Reading.Public), s.AnyAnswerer
	}
	if s.Parties[i].Responds {
		v.Read = keyfile.ReadingKey(s.Reading.Private)
	}
	for j, other := range s.Parties {
		listed := keyfile.Party{Name: other.Name, Key: keyfile.VerifyKey(s.Signs[j].Public())}
		if other.Originates && s.Parties[i].Responds {
			v.Senders = append(v.Senders, listed)
		}
		if other.Responds && s.Parties[i].Originates && !v.AnyAnswerer {
			v.Answerers = append(v.Answerers, listed)
		}
	}
}
