package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/party"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// failure is a call that has to raise an error.
type failure struct {
	procedure string
	argument  bool
	raises    wamp.URI
	encrypted bool
}

// An error comes back encrypted if the call was, or if its own URI has a key.
var failures = []failure{
	{"com.myapp.failme", false, "com.myapp.error1", false},
	{"com.myapp.failme", true, "com.myapp.encrypted.error1", true},
	{"com.myapp.encrypted.failme", false, "com.myapp.error1", true},
	{"com.myapp.encrypted.failme", true, "com.myapp.encrypted.error1", true},
}

func callFailMe(ctx context.Context, session *transparency.Session) error {
	for _, f := range failures {
		if err := f.call(ctx, session); err != nil {
			return explain("call", f.procedure, err)
		}
		fmt.Printf("call %s(%t): error %s, custom1=23, custom2=\"Hello\" (%s)\n",
			f.procedure, f.argument, f.raises, party.Way(f.encrypted))
	}
	return nil
}

// call returns nil if the error came that had to.
func (f failure) call(ctx context.Context, session *transparency.Session) error {
	_, err := session.Call(ctx, f.procedure, nil, wamp.List{f.argument}, nil, nil)
	if err == nil {
		return errors.New("no error was raised")
	}
	var raised client.RPCError
	if !errors.As(err, &raised) || raised.Err.Error != f.raises {
		return err
	}
	if err := checkWay(raised.Err.Details, f.encrypted); err != nil {
		return err
	}
	custom1, ok := party.Integer(raised.Err.ArgumentsKw["custom1"])
	if !ok || custom1 != 23 || raised.Err.ArgumentsKw["custom2"] != "Hello" {
		return errors.New("the error has other arguments than custom1=23, custom2=\"Hello\"")
	}
	return nil
}
