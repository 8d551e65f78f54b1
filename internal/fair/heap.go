package fair

import "container/heap"

// Share is how much of the room one owner holds. Embed it in what stands for the owner.
type Share struct {
	size int
	at   int // in the heap
}

// Size is how much the owner holds.
func (s *Share) Size() int { return s.size }

func (s *Share) share() *Share { return s }

// Owner is a pointer to what embeds a [Share].
type Owner interface{ share() *Share }

// Heap knows which of its owners holds most. The zero value is empty.
type Heap[T Owner] struct{ owners owners[T] }

// Add lets an owner in that holds nothing yet.
func (h *Heap[T]) Add(owner T) { heap.Push(&h.owners, owner) }

// Remove forgets an owner that was let in.
func (h *Heap[T]) Remove(owner T) { heap.Remove(&h.owners, owner.share().at) }

// Resize notes that an owner holds more, or less, by so much. It takes time only where that
// isn't zero.
func (h *Heap[T]) Resize(owner T, by int) {
	if by != 0 {
		owner.share().size += by
		heap.Fix(&h.owners, owner.share().at)
	}
}

// Most is an owner that holds most. There has to be one.
func (h *Heap[T]) Most() T { return h.owners[0] }

// Len is how many owners there are.
func (h *Heap[T]) Len() int { return len(h.owners) }

// owners is the [heap.Interface].
type owners[T Owner] []T

// Len implements [heap.Interface].
func (o owners[T]) Len() int { return len(o) }

// Less implements [heap.Interface]: the largest is first.
func (o owners[T]) Less(i, j int) bool { return o[i].share().size > o[j].share().size }

// Swap implements [heap.Interface].
func (o owners[T]) Swap(i, j int) {
	o[i], o[j] = o[j], o[i]
	o[i].share().at, o[j].share().at = i, j
}

// Push implements [heap.Interface].
func (o *owners[T]) Push(owner any) {
	added, _ := owner.(T)
	added.share().at = len(*o)
	*o = append(*o, added)
}

// Pop implements [heap.Interface].
func (o *owners[T]) Pop() any {
	var none T
	last := len(*o) - 1
	removed := (*o)[last]
	(*o)[last] = none
	*o = (*o)[:last]
	return removed
}
