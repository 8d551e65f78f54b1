package transparency_test

import (
	"fmt"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Order is sent as it is, by its tags, and decoded by the same tags where it arrives.
type Order struct {
	Customer string `codec:"customer"`
	Items    []Item `codec:"items"`
}

type Item struct {
	Name  string  `codec:"name"`
	Price float64 `codec:"price"`
}

func ExampleDecode() {
	handle := func(inv *wamp.Invocation) client.InvokeResult {
		var orders []Order
		if err := transparency.Decode(inv.Arguments, &orders); err != nil {
			return client.InvokeResult{Err: wamp.ErrInvalidArgument, Args: wamp.List{err.Error()}}
		}
		var settings struct {
			Express bool `codec:"express"`
		}
		if err := transparency.Decode(inv.ArgumentsKw, &settings); err != nil {
			return client.InvokeResult{Err: wamp.ErrInvalidArgument, Args: wamp.List{err.Error()}}
		}
		return client.InvokeResult{Args: wamp.List{orders[0].Customer, orders[0].Items[0].Price, settings.Express}}
	}

	item := map[string]any{"name": "lamp", "price": 19.5}
	inv := &wamp.Invocation{
		Arguments:   wamp.List{map[string]any{"customer": "Ada", "items": []any{item}}},
		ArgumentsKw: wamp.Dict{"express": true},
	}
	fmt.Println(handle(inv).Args)
	item["price"] = "a secret"
	fmt.Println(handle(inv).Args)
	// Output:
	// [Ada 19.5 true]
	// [transparency: decode: [0].items[0].price doesn't fit into float64: it is text]
}
