package transparency_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Two parties may call the desk, and one of them may have it pay. Neither can read what the
// other one sends.
func ExampleAllowSenders() {
	nexus, err := newExampleRouter()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer nexus.Close()
	if err := payOrNot(nexus); err != nil {
		fmt.Println(err)
	}
	// Output:
	// paid for billing
	// billing: <nil>
	// shop: wamp.error.not_authorized
}

func payOrNot(nexus router.Router) error {
	// Each party makes its own signing key. The desk also makes the reading key.
	billing, shop, desk := cryptobox.GenerateSigningKey(), cryptobox.GenerateSigningKey(), cryptobox.GenerateSigningKey()
	read, err := cryptobox.GenerateReadingKey(cryptobox.SuiteSigned)
	if err != nil {
		return err
	}
	served, err := connected(nexus, keyring.Signing{
		Suite: cryptobox.SuiteSigned, Sign: desk, Read: read,
		Senders: []keyring.Party{{Name: "billing", Key: billing.Public()}, {Name: "shop", Key: shop.Public()}},
	})
	if err != nil {
		return err
	}
	defer served.Close()
	err = served.Register("com.myapp.desk.pay", transparency.AllowSenders(pay, "billing"), nil)
	if err != nil {
		return err
	}
	for _, party := range []struct {
		name string
		sign cryptobox.SigningKey
	}{{"billing", billing}, {"shop", shop}} {
		s, err := connected(nexus, keyring.Signing{
			Suite: cryptobox.SuiteSigned, Sign: party.sign, Seal: read.Public(),
			Answerers: []keyring.Party{{Name: "desk", Key: desk.Public()}},
		})
		if err != nil {
			return err
		}
		defer s.Close()
		_, err = s.Call(context.Background(), "com.myapp.desk.pay", nil, nil, nil, nil)
		var raised client.RPCError
		if errors.As(err, &raised) {
			fmt.Printf("%s: %s\n", party.name, raised.Err.Error)
			continue
		}
		fmt.Printf("%s: %v\n", party.name, err)
	}
	return nil
}

func pay(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	info, _ := transparency.InfoFrom(inv.Details)
	fmt.Println("paid for", info.Sender.Name)
	return client.InvokeResult{}
}

func connected(nexus router.Router, parts keyring.Signing) (*transparency.Session, error) {
	ring := keyring.New()
	if err := ring.Set(keyring.Prefix("com.myapp.desk."), keyring.Signed(parts)); err != nil {
		return nil, err
	}
	return transparency.ConnectLocal(nexus, client.Config{Realm: "realm1", Logger: quiet}, ring)
}
