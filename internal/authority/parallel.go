package authority

import (
	"sync"
	"sync/atomic"
)

// parallel does something with each of many, several at a time, and ends early after an error. It
// gives the error of the first in the list that failed.
func parallel[T any](several int, list []T, do func(T) error) error {
	var next atomic.Int64
	var failed atomic.Bool
	errs := make([]error, len(list))
	var all sync.WaitGroup
	for range min(len(list), several) {
		all.Go(func() {
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				if errs[i] = do(list[i]); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
