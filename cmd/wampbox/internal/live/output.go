package live

import (
	"encoding/json"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/values"
)

// jsonOf writes a list of arguments or keyword arguments as JSON. What came in plain has
// the types of its serializer; those of a record are made of them first.
func jsonOf(args []any, kwargs map[string]any) (list, object json.RawMessage, err error) {
	if args == nil {
		args = []any{}
	}
	if kwargs == nil {
		kwargs = map[string]any{}
	}
	args, kwargs, err = values.Canonical(args, kwargs)
	if err != nil {
		return nil, nil, fmt.Errorf("what arrived doesn't exist in JSON: %w", err)
	}
	list, _ = values.JSON(args)
	object, _ = values.JSON(kwargs)
	return list, object, nil
}

// print writes a value as JSON to standard output, in one line unless it is indented.
func (env Env) print(v any, indent string) error {
	line, err := values.Text(v, indent)
	if err != nil {
		return err
	}
	if _, err := env.Stdout.Write(line); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}
