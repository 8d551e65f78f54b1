package redismemory_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkAccept is against a server on the same machine.
func BenchmarkAccept(b *testing.B) {
	_, _, memory := start(b)
	m := bound(0)
	b.ReportAllocs()
	for b.Loop() {
		m.Counter++
		if err := memory.Accept(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAcceptParallel is with as many callers at a time as there are processors.
func BenchmarkAcceptParallel(b *testing.B) {
	_, _, memory := start(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		m := bound(0)
		for pb.Next() {
			m.Counter++
			if err := memory.Accept(b.Context(), m); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkPing is a round trip alone, to compare with.
func BenchmarkPing(b *testing.B) {
	_, rdb, _ := start(b)
	for b.Loop() {
		require.NoError(b, rdb.Ping(b.Context()).Err())
	}
}
