package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"fmt"

	"golang.org/x/crypto/nacl/secretbox"
)

// nonceOf is the nonce of a name: the same in every run, and another one for every
// name.
func nonceOf(name string) []byte {
	sum := sha256.Sum256([]byte("wampbox vector nonce " + name))
	return sum[:24]
}

// nonceFor is nonceOf, as long as an algorithm has them.
func nonceFor(algorithm, name string) []byte {
	if algorithm == "aes256gcm" {
		return nonceOf(name)[:12]
	}
	return nonceOf(name)
}

// sender is the id of a made up session.
func sender(name string) []byte {
	sum := sha256.Sum256([]byte("wampbox vector sender " + name))
	return sum[:16]
}

// seal puts nonce and box one behind the other. The nonce is as long as the
// algorithm has it.
func (k keySet) seal(nonce, plaintext []byte) []byte {
	if k.algorithm != "aes256gcm" {
		return secretbox.Seal(append([]byte(nil), nonce...), plaintext, (*[24]byte)(nonce), k.key)
	}
	block, err := aes.NewCipher(k.key[:])
	if err != nil {
		panic(fmt.Sprintf("AES: %v", err))
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(fmt.Sprintf("GCM: %v", err))
	}
	return aead.Seal(append([]byte(nil), nonce...), nonce, plaintext, nil)
}
