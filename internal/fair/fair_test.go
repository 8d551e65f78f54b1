package fair_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/fair"
)

type owner struct{ fair.Share }

// TestMost compares with a list.
func TestMost(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		var h fair.Heap[*owner]
		var all []*owner
		for range 3000 {
			switch i := random.IntN(10); {
			case len(all) == 0 || i == 0:
				all = append(all, &owner{})
				h.Add(all[len(all)-1])
			case i == 1:
				gone := random.IntN(len(all))
				h.Remove(all[gone])
				all = slices.Delete(all, gone, gone+1)
			default:
				o := all[random.IntN(len(all))]
				h.Resize(o, random.IntN(20)-min(o.Size(), 10))
			}
			require.Equal(t, len(all), h.Len())
			if len(all) == 0 {
				continue
			}
			most := slices.MaxFunc(all, func(a, b *owner) int { return a.Size() - b.Size() })
			require.Equal(t, most.Size(), h.Most().Size())
		}
	}
}

type noted struct{ key, value int }

// naive is a Map with nothing clever.
type naive map[string][]noted

func (m naive) total() (n int) {
	for _, entries := range m {
		n += len(entries)
	}
	return n
}

// TestMap: it knows what a naive one does. What is forgotten is the oldest of an owner that
// has each, or of one that has most.
func TestMap(t *testing.T) {
	const each, total = 30, 100
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 0))
		var m fair.Map[int, int]
		model := naive{}
		for step := range 5000 {
			name, key := strconv.Itoa(min(random.IntN(12), random.IntN(12))), random.IntN(100)
			at := slices.IndexFunc(model[name], func(e noted) bool { return e.key == key })
			value, known := m.Get(name, key)
			require.Equal(t, at >= 0, known)
			if known {
				require.Equal(t, model[name][at].value, value)
			}
			forgotten, full := m.Add(name, key, step, each, total)
			if known {
				require.False(t, full)
				model[name][at].value = step
				continue
			}
			most := 0
			for _, entries := range model {
				most = max(most, len(entries))
			}
			require.Equal(t, len(model[name]) == each || model.total() == total, full)
			if full {
				of := model[forgotten.Owner]
				if len(model[name]) == each {
					require.Equal(t, name, forgotten.Owner)
				} else {
					require.Len(t, of, most, "who gives way has most")
				}
				require.Equal(t, fair.Forgotten[int]{Owner: forgotten.Owner, Value: of[0].value, Last: len(of) == 1}, forgotten)
				model[forgotten.Owner] = of[1:]
			}
			model[name] = append(model[name], noted{key, step})
		}
	}
}

// TestLastOfAnOwner: with more owners than there is room for.
func TestLastOfAnOwner(t *testing.T) {
	var m fair.Map[int, int]
	for i := range 100 {
		forgotten, full := m.Add(strconv.Itoa(i), 1, i, 5, 10)
		require.Equal(t, i >= 10, full)
		require.Equal(t, full, forgotten.Last)
		if full {
			_, known := m.Get(forgotten.Owner, 1)
			require.False(t, known)
		}
		_, known := m.Get(strconv.Itoa(i), 1)
		require.True(t, known)
	}
}
