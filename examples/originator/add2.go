package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// callAdd2 calls both procedures. The calls are the same: the session seals what
// goes out and opens what comes back, by the URI.
func callAdd2(ctx context.Context, session *transparency.Session) error {
	for n := int64(1); n <= 3; n++ {
		if err := add(ctx, session, "com.myapp.add2", 23, n, false); err != nil {
			return err
		}
		if err := add(ctx, session, "com.myapp.encrypted.add2", 23, n, true); err != nil {
			return err
		}
	}
	return nil
}

func add(ctx context.Context, session *transparency.Session, procedure string, a, b int64, encrypted bool) error {
	result, err := session.Call(ctx, procedure, nil, wamp.List{a, b}, nil, nil)
	if err != nil {
		return explain("call", procedure, err)
	}
	if err := checkWay(result.Details, encrypted); err != nil {
		return explain("call", procedure, err)
	}
	if len(result.Arguments) != 1 {
		return explain("call", procedure, errors.New("the result isn't one value"))
	}
	sum, ok := integer(result.Arguments[0])
	if !ok || sum != a+b {
		return explain("call", procedure, errors.New("the result isn't the sum"))
	}
	fmt.Printf("call %s(%d, %d): %d (%s)\n", procedure, a, b, sum, way(encrypted))
	return nil
}
