package replay_test

import (
	"strconv"
	"testing"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
)

func BenchmarkAdd(b *testing.B) {
	b.Run("one sender", func(b *testing.B) {
		memory := replay.NewMemory()
		m := message(1, 0, 0)
		b.ReportAllocs()
		for b.Loop() {
			m.N++
			memory.Add(m, 0)
		}
	})
	b.Run("100000 senders", func(b *testing.B) {
		memory := replay.NewMemory()
		m := message(1, 0, 0)
		for i := range uint64(replay.MaxSenders) {
			m.From = from(i)
			m.N = 1
			memory.Add(m, 0)
		}
		b.ReportAllocs()
		for i := uint64(0); b.Loop(); i++ {
			m.From = from(i * 7919 % replay.MaxSenders)
			m.N = 2 + i/replay.MaxSenders
			memory.Add(m, 0)
		}
	})
	b.Run("new senders, full", func(b *testing.B) {
		memory := replay.NewMemory()
		m := message(1, 1, 0)
		for i := range uint64(replay.MaxSenders) {
			m.From, m.Sent = from(i), int64(i)
			memory.Add(m, 0)
		}
		b.ReportAllocs()
		for i := uint64(replay.MaxSenders); b.Loop(); i++ {
			m.From, m.Sent = from(i), int64(i)
			memory.Add(m, 0)
		}
	})
	b.Run("one sender, signed", func(b *testing.B) {
		memory := replay.NewMemory()
		m := signed("signer", 1, 0, 0)
		b.ReportAllocs()
		for b.Loop() {
			m.N++
			memory.Add(m, 0)
		}
	})
	for _, signers := range []int{10, 90_000, 110_000} {
		b.Run("new senders of "+strconv.Itoa(signers)+" signers", func(b *testing.B) {
			a := newSignedTraffic(replay.NewMemory(), signers)
			b.ReportAllocs()
			for b.Loop() {
				a.next()
			}
		})
	}
}
