package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// failure is a call that has to raise an error.
type failure struct {
	procedure string
	argument  bool
	raises    wamp.URI
	encrypted bool
	bare      bool // the error may come without arguments
}

// failures returns what has to be. In our own dialect an error comes back encrypted if
// the call was. In the others it goes by the URI of the error; Autobahn's encrypts it for
// a plain call too. What a session can't encrypt it sends without arguments.
func failures(dialect cryptobox.Dialect) []failure {
	autobahn, foreign := dialect == cryptobox.Autobahn, dialect.Foreign()
	return []failure{
		{procedure: "com.myapp.failme", argument: false, raises: "com.myapp.error1"},
		{procedure: "com.myapp.failme", argument: true, raises: "com.myapp.encrypted.error1", encrypted: autobahn, bare: !autobahn},
		{procedure: "com.myapp.encrypted.failme", argument: false, raises: "com.myapp.error1", encrypted: !foreign, bare: foreign},
		{procedure: "com.myapp.encrypted.failme", argument: true, raises: "com.myapp.encrypted.error1", encrypted: true},
	}
}

func callFailMe(ctx context.Context, session *transparency.Session, dialect cryptobox.Dialect) error {
	for _, f := range failures(dialect) {
		arguments, err := f.call(ctx, session)
		if err != nil {
			return explain("call", f.procedure, err)
		}
		fmt.Printf("call %s(%t): error %s, %s (%s)\n",
			f.procedure, f.argument, f.raises, arguments, way(f.encrypted))
	}
	return nil
}

// call returns the arguments of the error, in words, if it is the one that had to
// come.
func (f failure) call(ctx context.Context, session *transparency.Session) (arguments string, err error) {
	_, err = session.Call(ctx, f.procedure, nil, wamp.List{f.argument}, nil, nil)
	if err == nil {
		return "", errors.New("no error was raised")
	}
	var raised client.RPCError
	if !errors.As(err, &raised) || raised.Err.Error != f.raises {
		return "", err
	}
	if err := checkWay(raised.Err.Details, f.encrypted); err != nil {
		return "", err
	}
	kwargs := raised.Err.ArgumentsKw
	switch {
	case f.bare && len(kwargs) == 0:
		return "no arguments", nil
	case !f.encrypted && strings.HasPrefix(string(f.raises), prefix):
		return "", errors.New("the answer came plain, with arguments")
	}
	custom1, ok := integer(kwargs["custom1"])
	if !ok || custom1 != 23 || kwargs["custom2"] != "Hello" {
		return "", errors.New("the error has other arguments than custom1=23, custom2=\"Hello\"")
	}
	return `custom1=23, custom2="Hello"`, nil
}
