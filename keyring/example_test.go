package keyring_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func Example() {
	// Each party makes its own key and gives away the public half.
	backend, device := cryptobox.GenerateKey(), cryptobox.GenerateKey()

	ring := keyring.New()
	err := ring.Set("com.myapp.encrypted.", keyring.Prefix, keyring.Originator(backend, device.Public()))
	if err != nil {
		fmt.Println(err)
		return
	}
	entry, ok := ring.Lookup("com.myapp.encrypted.hello")
	fmt.Println(ok, entry.Pattern())
	_, ok = ring.Lookup("com.myapp.public.hello")
	fmt.Println(ok)
	// Output:
	// true prefix "com.myapp.encrypted."
	// false
}

func ExampleRing_Lookup() {
	ring, secret := keyring.New(), cryptobox.GenerateSymmetricKey()
	for _, p := range []keyring.Pattern{
		{URI: "com.home.attic.temperature", Match: keyring.Exact},
		{URI: "com.home.", Match: keyring.Prefix},
		{URI: "org..attic.temperature", Match: keyring.Wildcard},
		{URI: "", Match: keyring.Prefix}, // the default
	} {
		if err := ring.Set(p.URI, p.Match, keyring.Symmetric("2026", secret)); err != nil {
			fmt.Println(err)
		}
	}
	for _, uri := range []string{
		"com.home.attic.temperature", "com.home.attic.humidity", "org.home.attic.temperature", "net.other", "wamp.session.count",
	} {
		if entry, ok := ring.Lookup(uri); ok {
			fmt.Println(uri, "->", entry.Pattern())
		} else {
			fmt.Println(uri, "-> no key")
		}
	}
	// Output:
	// com.home.attic.temperature -> exact "com.home.attic.temperature"
	// com.home.attic.humidity -> prefix "com.home."
	// org.home.attic.temperature -> wildcard "org..attic.temperature"
	// net.other -> prefix ""
	// wamp.session.count -> no key
}

func ExampleRing_Set_conflict() {
	ring, secret := keyring.New(), cryptobox.GenerateSymmetricKey()
	if err := ring.Set("com..temperature", keyring.Wildcard, keyring.Symmetric("a", secret)); err != nil {
		fmt.Println(err)
	}
	err := ring.Set("com.attic.", keyring.Wildcard, keyring.Symmetric("b", secret))
	fmt.Println(errors.Is(err, keyring.ErrConflict))
	fmt.Println(err)
	// Output:
	// true
	// keyring: set wildcard "com.attic.": wildcard patterns tie: wildcard "com..temperature" matches some of the same URIs and is as specific: fix one more component, or remove that one
}

func ExampleEntry_Sealer() {
	mine, theirs := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	ring := keyring.New()
	if err := ring.Set("com.myapp.add", keyring.Exact, keyring.Responder(mine, theirs.Public())); err != nil {
		fmt.Println(err)
	}
	entry, _ := ring.Lookup("com.myapp.add")

	// A responder seals results, but can't call its own procedure.
	_, err := entry.Sealer(keyring.RoleResponder)
	fmt.Println(err)
	_, err = entry.Sealer(keyring.RoleOriginator)
	fmt.Println(err)
	// Output:
	// <nil>
	// keyring: seal exact "com.myapp.add": the key doesn't serve this role: originator wanted, the key is of kind responder: set an Originator, Both or Symmetric key
}

func ExampleKey_ID() {
	originator, responder := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	here := keyring.Originator(originator, responder.Public())
	there := keyring.Responder(responder, originator.Public())
	fmt.Println(here.ID() == there.ID(), len(here.ID()))
	fmt.Println(here.WithID("office-2026"))
	// Output:
	// true 22
	// keyring.Key(originator, id "office-2026")
}

// A rotation, as each peer goes through it: see the package comment for what to
// wait for between the steps.
func ExampleRing_Activate() {
	mine, theirs := cryptobox.GenerateKey(), cryptobox.GenerateKey().Public()
	ring := keyring.New()
	show := func(step string, err error) {
		fmt.Println(step, err)
		for _, v := range ring.Versions("com.myapp.", keyring.Prefix) {
			fmt.Println(" ", v.ID, v.State)
		}
	}
	show("set", ring.Set("com.myapp.", keyring.Prefix, keyring.Originator(mine, theirs).WithID("2025")))
	next := cryptobox.GenerateKey()
	show("add", ring.Add("com.myapp.", keyring.Prefix, keyring.Originator(next, theirs).WithID("2026")))
	show("retire", ring.Retire("com.myapp.", keyring.Prefix, "2025", time.Now().Add(time.Hour)))
	show("activate", ring.Activate("com.myapp.", keyring.Prefix, "2026"))
	show("retire", ring.Retire("com.myapp.", keyring.Prefix, "2025", time.Now().Add(time.Hour)))
	// Output:
	// set <nil>
	//   2025 active
	// add <nil>
	//   2025 active
	//   2026 pending
	// retire keyring: retire prefix "com.myapp." id "2025": refused: it is active, so nothing would seal: activate another version first
	//   2025 active
	//   2026 pending
	// activate <nil>
	//   2026 active
	//   2025 retired
	// retire <nil>
	//   2026 active
	//   2025 retired
}
