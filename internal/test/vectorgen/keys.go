package main

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/nacl/box"
)

// The sample keys of Crossbar.io's cryptobox example, and keys that count up.
const (
	originatorPrivate = "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="
	responderPrivate  = "ss1v3Nbg65NGGzz8fno17hUCS669pIvPKd3T40oWkEE="
	bothPrivate       = "bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q="
	strangerPrivate   = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
	secretBoxKey      = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
	aesKey            = "ISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A="
)

// Ids of keys that can't be derived.
const (
	secretBoxID = "shared-2026"
	aesID       = "shared-aes-2026"
)

func key32(text string) *[32]byte {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != 32 {
		panic("a sample key is no key")
	}
	return (*[32]byte)(b)
}

func publicOf(private string) string {
	b, err := curve25519.X25519(key32(private)[:], curve25519.Basepoint)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// hashed is what the id of a pair of public keys is derived from.
func hashed(originator, responder string) []byte {
	return append(append([]byte("wampbox-kid-1"), key32(originator)[:]...), key32(responder)[:]...)
}

// keySet is what the two ends of a pattern hold.
type keySet struct {
	algorithm string
	id        string
	key       *[32]byte
}

// keyPairs is the set of two private keys.
func keyPairs(originator, responder string) keySet {
	sum := sha256.Sum256(hashed(publicOf(originator), publicOf(responder)))
	var key [32]byte
	box.Precompute(&key, key32(publicOf(responder)), key32(originator))
	return keySet{"cryptobox", base64.RawURLEncoding.EncodeToString(sum[:16]), &key}
}

var keySets = map[string]keySet{
	"pair":      keyPairs(originatorPrivate, responderPrivate),
	"both":      keyPairs(bothPrivate, bothPrivate),
	"secretbox": {"xsalsa20poly1305", secretBoxID, key32(secretBoxKey)},
	"aesgcm":    {"aes256gcm", aesID, key32(aesKey)},
	"stranger":  keyPairs(strangerPrivate, responderPrivate), // holders of another pattern's key
}

// keysStated are the keys as the file has them.
func keysStated() []any {
	stated := func(name string, privates ...string) any {
		set, private, public := keySets[name], map[string]string{}, map[string]string{}
		for i, key := range privates {
			role := []string{"originator", "responder"}[i]
			private[role], public[role] = key, publicOf(key)
		}
		return map[string]any{
			"name": name, "algorithm": set.algorithm, "id": set.id,
			"private": private, "public": public,
			"shared": base64.StdEncoding.EncodeToString(set.key[:]),
		}
	}
	return []any{
		stated("pair", originatorPrivate, responderPrivate), stated("both", bothPrivate, bothPrivate),
		stated("secretbox"), stated("aesgcm"),
	}
}

// keyText is the text of a key, and whether it can be one.
type keyText struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"` // "public", "private" or "symmetric"
	Text  string `json:"text"`
	Error string `json:"error,omitempty"` // "key" or "weak"
}

func keyTexts() []keyText {
	public := publicOf(originatorPrivate)
	zero := base64.StdEncoding.EncodeToString(make([]byte, 32))
	texts := []keyText{
		{"base64", "public", public, ""},
		{"hex", "public", fmt.Sprintf("%x", key32(public)[:]), ""},
		{"upper case hex", "public", fmt.Sprintf("%X", key32(public)[:]), ""},
		{"white space around it", "public", "\t" + public + " \n", ""},
		{"empty", "public", "", "key"},
		{"without padding", "public", public[:43], "key"},
		{"31 bytes", "public", base64.StdEncoding.EncodeToString(key32(public)[:31]), "key"},
		{"base64url", "private", "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t-ez-yhYM=", "key"},
		{"bits behind the end", "private", "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYN=", "key"},
	}
	for _, kind := range []string{"public", "private", "symmetric"} {
		texts = append(texts, keyText{"all zero, " + kind, kind, zero, "weak"})
	}
	// RFC 7748, section 6.1: all inputs that give the all-zero secret.
	for _, low := range []string{
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		texts = append(texts, keyText{"of low order", "public", low, "weak"})
	}
	return texts
}
