// Authenticate joins a realm that lets in only those who prove who they are, by any of
// the methods that Crossbar.io and nexus's router have in common: a ticket, WAMP-CRA or
// WAMP-cryptosign. It says as whom it has joined, and leaves.
//
//	go run ./examples/authenticate -router wss://router.example.com/ws -authid orders -method ticket -secret ticket.txt
//
// The first line of the file is the secret: the ticket, the password of WAMP-CRA, or the
// 32 bytes of an Ed25519 private key in hex. Who you are to the router, and which keys your
// payloads are sealed with, are two things: here nothing is sealed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("authenticate: ")
	router := flag.String("router", "ws://127.0.0.1:8080/ws", "`URL` of the router; a ticket needs wss:// or tcps://, or everybody on the way can read it")
	realm := flag.String("realm", "realm1", "WAMP `REALM` to join")
	authid := flag.String("authid", "", "`WHO` this is")
	method := flag.String("method", "ticket", "`NAME` is ticket, wampcra or cryptosign")
	file := flag.String("secret", "", "the first line of `FILE` is the secret")
	flag.Parse()
	if err := run(*router, *realm, *authid, *method, *file); err != nil {
		log.Fatal(err)
	}
}

func run(router, realm, authid, method, file string) error {
	secret, err := firstLine(file)
	if err != nil {
		return err
	}
	cfg, err := configure(realm, authid, method, secret)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s, err := transparency.ConnectNet(ctx, router, cfg, keyring.New()) // your own keyring goes here
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	details := s.RealmDetails()
	fmt.Printf("joined as %q in the role %q by %q\n", details["authid"], details["authrole"], details["authmethod"])
	return nil
}

// configure has a client prove who it is.
func configure(realm, authid, method, secret string) (client.Config, error) {
	hello := wamp.Dict{"authid": authid}
	var prove client.AuthFunc
	switch method {
	case "ticket":
		prove = ticket(secret)
	case "wampcra":
		prove = wampCRA(secret)
	case "cryptosign":
		key, err := signingKey(secret)
		if err != nil {
			return client.Config{}, err
		}
		hello["authextra"] = wamp.Dict{"pubkey": publicKey(key)} // Crossbar.io wants to know it first
		prove = cryptosign(key)
	default:
		return client.Config{}, errors.New("-method is ticket, wampcra or cryptosign")
	}
	return client.Config{
		Realm: realm, HelloDetails: hello, AuthHandlers: map[string]client.AuthFunc{method: prove},
	}, nil
}

func firstLine(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line), nil
}
