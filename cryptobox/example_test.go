package cryptobox_test

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Two parties make keys, exchange the public ones, and send a call. What its record says is
// checked before its values are built.
func Example() {
	alice, bob := cryptobox.GenerateKey(), cryptobox.GenerateKey()

	// Alice calls. She knows her private key and Bob's public one.
	aliceBox, err := cryptobox.NewBox(alice, bob.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	aliceKey, err := cryptobox.NewPairKey(cryptobox.SuiteBox, aliceBox, alice.Public(), bob.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	head := cryptobox.Head{Kind: cryptobox.KindCall, From: cryptobox.NewSenderID(), N: 1, TS: 1_790_000_000_000}
	record := cryptobox.NewRecord(head, "realm1", "com.myapp.add2", []any{2, 3}, nil)
	enc, token, err := aliceKey.Seal(nil, &record)
	if err != nil {
		fmt.Println(err)
		return
	}

	// Bob is called. He knows his private key and Alice's public one.
	bobBox, err := cryptobox.NewBox(bob, alice.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	bobKey, err := cryptobox.NewPairKey(cryptobox.SuiteBox, bobBox, alice.Public(), bob.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	var opened cryptobox.Opened
	defer opened.Release()
	if err := bobKey.Open(enc, cryptobox.Message, &opened); err != nil {
		fmt.Println(err)
		return
	}
	if opened.Kind != cryptobox.KindCall || !opened.HasRealm("realm1") || !opened.HasURI("com.myapp.add2") {
		fmt.Println("not for here")
		return
	}
	args, kwargs, err := opened.Values()
	fmt.Println(args, kwargs, err)
	fmt.Println("same message:", opened.Token == token)
	fmt.Println(&opened)
	// Output:
	// [2 3] map[] <nil>
	// same message: true
	// cryptobox.Opened(redacted)
}

// Whatever does not authenticate gives the one error, and nothing else.
func ExampleSuiteKey_Open() {
	key, err := cryptobox.NewSharedKey(cryptobox.GenerateSymmetricKey())
	if err != nil {
		fmt.Println(err)
		return
	}
	head := cryptobox.Head{Kind: cryptobox.KindPublish, From: cryptobox.NewSenderID(), N: 1}
	record := cryptobox.NewRecord(head, "realm1", "com.myapp.hello", []any{1}, nil)
	enc, _, err := key.Seal(nil, &record)
	if err != nil {
		fmt.Println(err)
		return
	}
	enc[50] ^= 1
	var opened cryptobox.Opened
	err = key.Open(enc, cryptobox.Message, &opened)
	fmt.Println(errors.Is(err, cryptobox.ErrOpen), opened.URI() == "")
	// Output: true true
}

// What can't be sealed is told by its place, without the keys of maps.
func ExampleSuiteKey_Seal() {
	key, err := cryptobox.NewSharedKey(cryptobox.GenerateSymmetricKey())
	if err != nil {
		fmt.Println(err)
		return
	}
	head := cryptobox.Head{Kind: cryptobox.KindPublish, From: cryptobox.NewSenderID(), N: 1}
	record := cryptobox.NewRecord(head, "realm1", "com.myapp.hello", []any{1, map[string]any{"key": make(chan int)}}, nil)
	_, _, err = key.Seal(nil, &record)
	fmt.Println(err)
	// Output: cryptobox: value can't be sealed: args[1]{} (chan int): not a kind that is sealed: convert it first
}

// An event for a program that uses Autobahn's cryptobox.
func ExampleSealForeign() {
	originator, responder := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	box, err := cryptobox.NewBox(originator, responder.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	record := cryptobox.NewForeignRecord("com.myapp.encrypted.add2", []any{2, 3.0, []byte("bytes")}, nil)
	payload, _, err := cryptobox.SealForeign(box, cryptobox.Autobahn, record)
	if err != nil {
		fmt.Println(err)
		return
	}
	plaintext, err := box.Open(payload)
	fmt.Println(string(plaintext), err)
	// Output: {"uri":"com.myapp.encrypted.add2","args":[2,3.0,"\u0000Ynl0ZXM="],"kwargs":null} <nil>
}

// A key is read as Autobahn writes it. It shows itself only when asked to.
func ExampleParsePrivateKey() {
	key, err := cryptobox.ParsePrivateKey("6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM=")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(key)
	fmt.Println(key.Public())
	fmt.Println(len(key.UnsafeBytes()))

	_, err = cryptobox.ParsePrivateKey("6m0rnaVAP0PvvkS11QLKYVHD")
	fmt.Println(err)
	// Output:
	// cryptobox.PrivateKey(redacted)
	// GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=
	// 32
	// private key: cryptobox: not a key: want 44 characters of base64 or 64 of hex, got 24
}

// A payload of a peer that uses AES-256-GCM: nonce, ciphertext and tag.
func ExampleNewAESGCM() {
	key, err := cryptobox.ParseSymmetricKey("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := cryptobox.NewAESGCM(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	payload, err := hex.DecodeString("000102030405060708090a0bd35460e5afaee06d614ac62812fd91e65ef6cff20d6937f5bd0cb213619612a736618d45e85e")
	if err != nil {
		fmt.Println(err)
		return
	}
	rec, _, err := cryptobox.OpenForeign(c, cryptobox.Passthru, payload)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rec.Args())
	fmt.Println(c)
	// Output:
	// [native]
	// cryptobox.AESGCM(redacted)
}
