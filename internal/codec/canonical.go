package codec

import (
	"maps"
	"math/big"
	"time"
)

// Canonical gives what a [Writer] would write of args and kwargs with form: values that it
// writes without calling any method of theirs. Lists and maps that hold nothing else are
// given as they are, and none is changed.
//
// Errors are those of form, and of a Writer for what is beyond the limits.
func Canonical(args []any, kwargs map[string]any, form Form) ([]any, map[string]any, error) {
	c := canonical{form: form, left: sealBudget()}
	list, _, err := c.list(args, 1)
	if err != nil {
		return nil, nil, At("args", err)
	}
	object, _, err := c.object(kwargs, 1)
	if err != nil {
		return nil, nil, At("kwargs", err)
	}
	return list, object, nil
}

type canonical struct {
	form Form
	left budget
}

// value returns what is written of v, and whether that is something else.
func (c *canonical) value(v any, depth int) (any, bool, error) {
	if err := c.left.takeValues(1); err != nil {
		return nil, false, err
	}
	switch t := v.(type) {
	case nil, bool, int64, int, uint64, float64, int32, uint32, uint, float32, int16, uint16, int8, uint8, *big.Int:
		return v, false, nil
	case string:
		return v, false, c.left.takeBytes(len(t))
	case []byte:
		return v, false, c.left.takeBytes(len(t))
	case []any:
		list, changed, err := c.list(t, depth)
		if !changed {
			return v, false, err
		}
		return list, true, err
	case map[string]any:
		object, changed, err := c.object(t, depth)
		if !changed {
			return v, false, err
		}
		return object, true, err
	}
	formed, err := c.form.of(v)
	if err != nil {
		return nil, false, err
	}
	if _, ok := formed.(time.Time); ok {
		return formed, true, nil
	}
	c.left.values++ // that v was charged for
	formed, _, err = c.value(formed, depth)
	return formed, true, err
}

func (c *canonical) list(list []any, depth int) (out []any, changed bool, err error) {
	if depth >= maxNesting {
		return nil, false, tooDeepValue()
	}
	out = list
	for i, v := range list {
		written, other, err := c.value(v, depth+1)
		if err != nil {
			return nil, false, At(indexStep(i), err)
		}
		if other && !changed {
			out, changed = append([]any{}, list...), true
		}
		if other {
			out[i] = written
		}
	}
	return out, changed, nil
}

func (c *canonical) object(object map[string]any, depth int) (out map[string]any, changed bool, err error) {
	if depth >= maxNesting {
		return nil, false, tooDeepValue()
	}
	out = object
	for k, v := range object {
		if err := c.left.takeBytes(len(k)); err != nil {
			return nil, false, At("{key}", err)
		}
		written, other, err := c.value(v, depth+1)
		if err != nil {
			return nil, false, At("{}", err)
		}
		if other && !changed {
			out, changed = maps.Clone(object), true
		}
		if other {
			out[k] = written
		}
	}
	return out, changed, nil
}
