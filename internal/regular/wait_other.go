//go:build !unix

package regular

// withoutWaiting is nothing: pipes aren't files here.
const withoutWaiting = 0
