package cryptobox_test

import (
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// A party makes its signing key itself, keeps it, and gives away the verify key. The text of
// the private key is shown only when asked for.
func ExampleSigningKey() {
	key, err := cryptobox.ParseSigningKey("ed25519:FRZseFPwQlvEBaiQGDwDzM2QBrjWcOSLAbwugiU3t+8=")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(key)
	fmt.Println(key.Public())
	fmt.Println(len(key.UnsafeText()))
	// Output:
	// cryptobox.SigningKey(redacted)
	// ed25519:OIXaZyKVWTy8On8WqZqquzxIQNI9NyZWX//f3CuzaKQ=
	// 52
}

// A text says of what type its key is, so that no key is taken for one of another type.
func ExampleParseVerifyKey() {
	key, err := cryptobox.ParseVerifyKey("ed25519:OIXaZyKVWTy8On8WqZqquzxIQNI9NyZWX//f3CuzaKQ=")
	fmt.Println(key.Signer(), err)

	_, err = cryptobox.ParseVerifyKey("x25519:7sGKhEpqrP0KCbYzy6vSJF0fLSrWOG0ZAOP/Ka30yiM=")
	fmt.Println(err)
	// Output:
	// ded7c169464d3b3e16ec03c81c88c350 <nil>
	// verify key: cryptobox: not a key: want "ed25519:" in front of base64, got "x25519:"
}

// All that read a pattern's messages hold its reading key. Who sends them has the public half.
func ExampleGenerateReadingKey() {
	key, err := cryptobox.GenerateReadingKey(cryptobox.SuiteSignedPQ)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(key)
	fmt.Println(key.Suite(), len(key.UnsafeBytes()), len(key.Public().Bytes()))
	// Output:
	// cryptobox.ReadingKey(redacted)
	// signed-pq 32 1216
}

// Keys that would make every secret a known one are refused.
func ExampleParseReadingPublicKey() {
	_, err := cryptobox.ParseReadingPublicKey("x25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	fmt.Println(errors.Is(err, cryptobox.ErrWeakKey), err)
	// Output: true reading public key: cryptobox: weak key: all-zero or of low order: make another
}
