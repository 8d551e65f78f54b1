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
	err := errors.Join(
		ring.Set(keyring.Prefix("com.myapp.orders."), keyring.Originator(backend, device.Public())),
		ring.SetPlain(keyring.Prefix("com.myapp.public.")),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, uri := range []string{"com.myapp.orders.new", "com.myapp.public.news", "com.myapp.order.new"} {
		if entry, err := ring.Lookup(uri); err != nil {
			fmt.Println(err)
		} else {
			fmt.Println(entry.Pattern(), "plain:", entry.Plain())
		}
	}
	// Output:
	// prefix "com.myapp.orders." plain: false
	// prefix "com.myapp.public." plain: true
	// keyring: look up "com.myapp.order.new": no pattern of the keyring matches: give it a key, or declare it plain; it nearly matches prefix "com.myapp.orders."
}

func ExampleRing_Lookup() {
	ring, secret := keyring.New(), cryptobox.GenerateSymmetricKey()
	for _, p := range []keyring.Pattern{
		keyring.Exact("com.home.attic.temperature"),
		keyring.Prefix("com.home."),
		keyring.Wildcard("org..attic.temperature"),
		keyring.Prefix(""), // the default
	} {
		if err := ring.Set(p, keyring.Shared(secret)); err != nil {
			fmt.Println(err)
		}
	}
	for _, uri := range []string{
		"com.home.attic.temperature", "com.home.attic.humidity", "org.home.attic.temperature", "net.other", "wamp.session.count",
	} {
		entry, err := ring.Lookup(uri)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(uri, "->", entry.Pattern())
	}
	// Output:
	// com.home.attic.temperature -> exact "com.home.attic.temperature"
	// com.home.attic.humidity -> prefix "com.home."
	// org.home.attic.temperature -> wildcard "org..attic.temperature"
	// net.other -> prefix ""
	// wamp.session.count -> prefix "wamp."
}

func ExampleRing_Set_conflict() {
	ring, secret := keyring.New(), cryptobox.GenerateSymmetricKey()
	if err := ring.Set(keyring.Wildcard("com..temperature"), keyring.Shared(secret)); err != nil {
		fmt.Println(err)
	}
	err := ring.Set(keyring.Wildcard("com.attic."), keyring.Shared(secret))
	fmt.Println(errors.Is(err, keyring.ErrConflict))
	fmt.Println(err)
	// Output:
	// true
	// keyring: set wildcard "com.attic.": wildcard patterns tie: wildcard "com..temperature" matches some of the same URIs and is as specific: fix one more component, or remove that one
}

func ExampleEntry_Sealer() {
	mine, theirs := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	ring := keyring.New()
	if err := ring.Set(keyring.Exact("com.myapp.add"), keyring.Responder(mine, theirs.Public())); err != nil {
		fmt.Println(err)
	}
	entry, err := ring.Lookup("com.myapp.add")
	if err != nil {
		fmt.Println(err)
		return
	}

	// A responder seals results, but can't call its own procedure.
	_, err = entry.Sealer(keyring.RoleResponder)
	fmt.Println(err)
	_, err = entry.Sealer(keyring.RoleOriginator)
	fmt.Println(err)
	// Output:
	// <nil>
	// keyring: seal exact "com.myapp.add": the key doesn't serve this role: originator wanted, the key is of kind responder: give this end the originator's half of the key, or a key for both roles
}

func ExampleKey_ID() {
	originator, responder := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	here := keyring.Originator(originator, responder.Public())
	there := keyring.Responder(responder, originator.Public())
	fmt.Println(here.ID() == there.ID(), len(here.ID()))
	fmt.Println(here.ID() == here.WithSuite(cryptobox.SuiteXBox).ID())
	fmt.Println(here.ForPassthru("office-2026"))
	// Output:
	// true 26
	// false
	// keyring.Key(originator, id "office-2026")
}

// A rotation: one change, made at each peer at some time before the new key's date.
func ExampleRing_Add() {
	mine, theirs := cryptobox.GenerateKey(), cryptobox.GenerateKey().Public()
	ring, orders := keyring.New(), keyring.Prefix("com.myapp.orders.")
	show := func(step string, err error) {
		fmt.Println(step, err)
		for _, v := range ring.Versions(orders) {
			fmt.Println(" ", v.Kind, v.State)
		}
	}
	before := keyring.Originator(mine, theirs)
	show("set", ring.Set(orders, before))

	tomorrow := time.Now().Add(24 * time.Hour)
	next := keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey())
	show("add", ring.Add(orders, next, keyring.Dates{ActiveFrom: tomorrow}))
	show("end", ring.SetDates(orders, before.ID(), keyring.Dates{NotAfter: tomorrow.AddDate(0, 0, 7)}))
	// Output:
	// set <nil>
	//   originator active
	// add <nil>
	//   pair pending
	//   originator active
	// end <nil>
	//   pair pending
	//   originator active
}

// A running system is switched over to sealed payloads, one process at a time.
func ExampleRing_Transition() {
	ring, orders := keyring.New(), keyring.Prefix("com.myapp.orders.")
	if err := ring.Set(orders, keyring.Shared(cryptobox.GenerateSymmetricKey())); err != nil {
		fmt.Println(err)
	}
	until := time.Now().AddDate(0, 0, 7)
	show := func(step string, err error) {
		entry, _ := ring.Lookup("com.myapp.orders.new")
		fmt.Println(step, err, "sends plain:", entry.SendsPlain(), "takes plain:", entry.TakesPlain())
	}
	show("first", ring.Transition(orders, keyring.SendPlain, until))
	show("when all have done that", ring.Transition(orders, keyring.AcceptPlain, until))
	show("when all have done that", ring.EndTransition(orders))
	// Output:
	// first <nil> sends plain: true takes plain: true
	// when all have done that <nil> sends plain: false takes plain: true
	// when all have done that <nil> sends plain: false takes plain: false
}

// A program can tell before it subscribes whether a pattern mixes what is sealed with
// what isn't.
func ExampleRing_Overlap() {
	ring, secret := keyring.New(), cryptobox.GenerateSymmetricKey()
	err := errors.Join(
		ring.Set(keyring.Prefix("com.myapp.orders."), keyring.Shared(secret)),
		ring.SetPlain(keyring.Prefix("com.myapp.public.")),
	)
	fmt.Println(err)
	fmt.Println(ring.Overlap(keyring.Wildcard("com.myapp..update")))
	fmt.Println(ring.Overlap(keyring.Prefix("com.myapp.orders.eu.")))
	// Output:
	// <nil>
	// prefix "com.myapp.orders." prefix "com.myapp.public." true
	// prefix "com.myapp.orders." Match(0) "" false
}
