// Package fair shares bounded room among owners that don't trust one another. When the room is
// used up, the owner that holds most of it gives way ([Heap.Most]), so that no owner can crowd
// out another that holds less. [Map] remembers the last entries of each owner so.
package fair
