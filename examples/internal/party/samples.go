package party

import (
	"fmt"
	"io"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Sample is what one end of Crossbar.io's own cryptobox example is published
// with.
type Sample struct {
	Private string // this end's private key, in base64
	Peer    string // the other end's public key, in base64
}

// The sample keys of Crossbar.io's cryptobox example. vectors/autobahn_cryptobox.json
// names them originator_priv, originator_pub, responder_priv and responder_pub.
// Everybody has them: they protect nothing.
var (
	SampleOriginator = Sample{
		Private: "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM=",
		Peer:    "5Q3rK3UhNZzdviBw9MtbNrrPHR9bsFSGMEtr2H3ZaxQ=",
	}
	SampleResponder = Sample{
		Private: "ss1v3Nbg65NGGzz8fno17hUCS669pIvPKd3T40oWkEE=",
		Peer:    "GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=",
	}
)

const sampleWarning = `%[1]s: ***************************** WARNING *****************************
%[1]s: These are the PUBLISHED SAMPLE KEYS. Anyone can read and forge what
%[1]s: they seal. Use them to try this program, and for nothing else.
%[1]s: Own keys: -key-file or %[2]s, and -peer-key; see -h.
%[1]s: *******************************************************************
`

// parse reads the sample, and says loudly that it is one.
func (s Sample) parse(program string, stderr io.Writer) (cryptobox.PrivateKey, cryptobox.PublicKey, error) {
	fmt.Fprintf(stderr, sampleWarning, program, PrivateKeyVariable)
	return parseKeys(s.Private, s.Peer)
}
