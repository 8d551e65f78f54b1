package cryptobox_test

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Two parties make keys, exchange the public ones, and send a record.
func Example() {
	alice, bob := cryptobox.GenerateKey(), cryptobox.GenerateKey()

	// Alice knows her private key and Bob's public one.
	aliceBox, err := cryptobox.NewBox(alice, bob.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	env, request, err := cryptobox.Seal(aliceBox, cryptobox.CBOR, "key-1", cryptobox.NewRecord("com.myapp.encrypted.hello", []any{"Hello, world!", 23}, nil, nil))
	if err != nil {
		fmt.Println(err)
		return
	}

	// Bob knows his private key and Alice's public one.
	bobBox, err := cryptobox.NewBox(bob, alice.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	rec, opened, err := cryptobox.Open(bobBox, env)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rec.URI(), rec.Args()[0], rec.Args()[1])
	fmt.Println("same payload:", request == opened)
	fmt.Println(rec)
	// Output:
	// com.myapp.encrypted.hello Hello, world! 23
	// same payload: true
	// cryptobox.Record(redacted)
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

// Whatever does not authenticate gives the one error, and nothing else.
func ExampleOpen() {
	key := cryptobox.GenerateSymmetricKey()
	box, err := cryptobox.NewSecretBox(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	env, _, err := cryptobox.Seal(box, cryptobox.JSON, "key-1", cryptobox.NewRecord("", []any{1}, nil, nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	env.Payload[50] ^= 1
	rec, _, err := cryptobox.Open(box, env)
	fmt.Println(rec == nil, errors.Is(err, cryptobox.ErrOpen))
	// Output: true true
}

// A peer in payload passthru mode knows a payload by the name of its secret
// key's algorithm. That of a key pair has one too.
func ExampleSecretKeyAlgorithm() {
	for _, algorithm := range []string{cryptobox.AlgorithmBox, cryptobox.AlgorithmAESGCM, "mqtt"} {
		name, ok := cryptobox.SecretKeyAlgorithm(algorithm)
		fmt.Printf("%q %v\n", name, ok)
	}
	// Output:
	// "xsalsa20poly1305" true
	// "aes256gcm" true
	// "" false
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
	rec, _, err := cryptobox.Open(c, &cryptobox.Envelope{Algorithm: cryptobox.AlgorithmAESGCM, Serializer: cryptobox.CBOR, Payload: payload})
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

// The plaintext of a record, as it would be sealed.
func ExampleSerializer_Encode() {
	data, err := cryptobox.JSON.Encode(cryptobox.NewRecord("com.myapp.encrypted.add2", []any{2, 3.0, []byte("bytes")}, nil, nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(data))

	_, err = cryptobox.JSON.Encode(cryptobox.NewRecord("", []any{1, map[string]any{"key": make(chan int)}}, nil, nil))
	fmt.Println(err)
	// Output:
	// {"uri":"com.myapp.encrypted.add2","args":[2,3.0,"\u0000Ynl0ZXM="],"kwargs":null}
	// cryptobox: value can't be sealed: args[1]{} (chan int): not data
}
