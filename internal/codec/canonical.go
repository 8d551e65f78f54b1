package codec

import (
	"maps"
	"math"
	"math/big"
	"time"
)

// Canonical gives what a [Writer] would write of args and kwargs with form: values that it
// writes without calling any method of theirs. Lists and maps that hold nothing else are
// given as they are, and none is changed.
//
// Errors are those of form, and of a Writer for what is beyond the limits.
func Canonical(args []any, kwargs map[string]any, form Form) ([]any, map[string]any, error) {
	return (&canonical{form: form, left: sealBudget()}).payload(args, kwargs)
}

// Copy is Canonical, but what it gives shares nothing with args and kwargs, and numbers are
// int64, uint64 beyond, and float64, as a reader gives them.
func Copy(args []any, kwargs map[string]any, form Form) ([]any, map[string]any, error) {
	return (&canonical{form: form, left: sealBudget(), copies: true}).payload(args, kwargs)
}

type canonical struct {
	form   Form
	left   budget
	copies bool
}

func (c *canonical) payload(args []any, kwargs map[string]any) ([]any, map[string]any, error) {
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

// value returns what is written of v, and whether that is something else.
func (c *canonical) value(v any, depth int) (any, bool, error) {
	if err := c.left.takeValues(1); err != nil {
		return nil, false, err
	}
	switch t := v.(type) {
	case nil, bool, int64, float64:
		return v, false, nil
	case int, uint64, int32, uint32, uint, float32, int16, uint16, int8, uint8, *big.Int:
		if !c.copies {
			return v, false, nil
		}
		return copyNumber(v), true, nil
	case string:
		return v, false, c.left.takeBytes(len(t))
	case []byte:
		if err := c.left.takeBytes(len(t)); err != nil || !c.copies {
			return v, false, err
		}
		return append([]byte{}, t...), true, nil
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
	if out = list; c.copies && list != nil {
		out, changed = make([]any, len(list)), true
	}
	for i, v := range list {
		written, other, err := c.value(v, depth+1)
		if err != nil {
			return nil, false, At(indexStep(i), err)
		}
		if other && !changed {
			out, changed = append([]any{}, list...), true
		}
		if other || c.copies {
			out[i] = written
		}
	}
	return out, changed, nil
}

func (c *canonical) object(object map[string]any, depth int) (out map[string]any, changed bool, err error) {
	if depth >= maxNesting {
		return nil, false, tooDeepValue()
	}
	if out = object; c.copies && object != nil {
		out, changed = make(map[string]any, len(object)), true
	}
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
		if other || c.copies {
			out[k] = written
		}
	}
	return out, changed, nil
}

// copyNumber gives a number as a reader gives it.
func copyNumber(v any) any {
	switch t := v.(type) {
	case int:
		return int64(t)
	case int32:
		return int64(t)
	case int16:
		return int64(t)
	case int8:
		return int64(t)
	case uint:
		return copyUint(uint64(t))
	case uint64:
		return copyUint(t)
	case uint32:
		return int64(t)
	case uint16:
		return int64(t)
	case uint8:
		return int64(t)
	case float32:
		return float64(t)
	case *big.Int:
		return copyBig(t)
	}
	return v
}

func copyUint(n uint64) any {
	if n > math.MaxInt64 {
		return n
	}
	return int64(n)
}

func copyBig(n *big.Int) any {
	switch {
	case n == nil:
		return nil
	case n.IsInt64():
		return n.Int64()
	case n.IsUint64():
		return n.Uint64()
	}
	return new(big.Int).Set(n)
}
