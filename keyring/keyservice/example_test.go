package keyservice_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// A member makes its identity once, and hands the line to the operator of the authority, who
// reads it as it came, broken by a mail program or not.
func ExampleGenerateIdentity() {
	dir, err := os.MkdirTemp("", "member")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "shop.identity")

	made, err := keyservice.GenerateIdentity("shop", false)
	if err != nil {
		log.Fatal(err)
	}
	if err := made.Save(path); err != nil { // for its owner alone, and never over another one
		log.Fatal(err)
	}
	me, err := keyservice.LoadIdentity(path)
	if err != nil {
		log.Fatal(err)
	}
	enrolment, err := me.Enrolment()
	if err != nil {
		log.Fatal(err)
	}
	mailed := strings.ReplaceAll(enrolment.String(), " ", "\r\n")

	read, err := keyservice.ParseEnrolment(mailed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(me)
	fmt.Println(read.Name, read.Key == me.SigningKey().Public(), read.Recipient == me.Recipient())
	// Output:
	// keyservice.Identity("shop")
	// shop true true
}
