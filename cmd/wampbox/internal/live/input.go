package live

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/values"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// fromStdin is the argument that stands for what standard input gives.
const fromStdin = "-"

// payload is what is to be sent.
type payload struct {
	args   wamp.List
	kwargs wamp.Dict
}

// newPayload reads arguments that are JSON values, and keyword arguments that are a JSON
// object, empty if there are none. Errors repeat none of them.
func (env Env) newPayload(args []string, kwargs string) (payload, error) {
	texts := make([][]byte, len(args))
	if first := slices.Index(args, fromStdin); first >= 0 && slices.Contains(args[first+1:], fromStdin) {
		return payload{}, errors.New(`standard input is read for one argument only: give "-" once`)
	}
	for i, arg := range args {
		texts[i] = []byte(arg)
		if arg == fromStdin {
			var err error
			if texts[i], err = readValue(env.Stdin); err != nil {
				return payload{}, err
			}
		}
		if !jsontext.Value(texts[i]).IsValid() {
			return payload{}, fmt.Errorf("argument %d is no JSON value: %s", i+1, howToQuote(arg))
		}
	}
	text := `{"args":[` + string(bytes.Join(texts, []byte(","))) + `]`
	if kwargs != "" {
		if value := jsontext.Value(kwargs); !value.IsValid() || value.Kind() != jsontext.KindBeginObject {
			return payload{}, errors.New(`-kwargs is no JSON object: write it as '{"name": "value"}', in single quotes for the shell`)
		}
		text += `,"kwargs":` + kwargs
	}
	v, err := values.Parse([]byte(text + "}"))
	if err != nil {
		return payload{}, fmt.Errorf("the arguments: %w", err)
	}
	object, _ := v.(map[string]any)
	var p payload
	p.args, _ = object["args"].([]any)
	p.kwargs, _ = object["kwargs"].(map[string]any)
	return p, nil
}

// howToQuote says what to do about an argument that isn't JSON.
func howToQuote(arg string) string {
	if len(arg) > 1 && strings.HasPrefix(arg, "-") {
		return "flags go before the first negative number"
	}
	return `a text needs quotes of its own beside those of the shell, as '"hello"'; an object is written as '{"name": 1}'`
}

func readValue(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, cryptobox.MaxPayload+1))
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	if len(text) > cryptobox.MaxPayload {
		return nil, fmt.Errorf("standard input has more than %d bytes", cryptobox.MaxPayload)
	}
	return text, nil
}

// plain gives the payload as nexus's serializers write it, for what isn't sealed.
func (p payload) plain(s serialize.Serialization) (payload, error) {
	args, err := plainValue(s, []any(p.args))
	if err != nil {
		return payload{}, err
	}
	out := payload{args: args.([]any)}
	if p.kwargs != nil {
		kwargs, err := plainValue(s, map[string]any(p.kwargs))
		if err != nil {
			return payload{}, err
		}
		out.kwargs = kwargs.(map[string]any)
	}
	return out, nil
}

func plainValue(s serialize.Serialization, v any) (any, error) {
	var err error
	switch v := v.(type) {
	case []byte:
		if s == client.JSON {
			return serialize.BinaryData(v), nil // in WAMP's convention
		}
	case *big.Int:
		return nil, errors.New("integers beyond 64 bits can only be sealed, and this URI is plain")
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			if list[i], err = plainValue(s, e); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for k, e := range v {
			if object[k], err = plainValue(s, e); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	return v, nil
}
