// Package leak looks for secrets in what values print, for the tests of every
// package whose types hold some.
package leak
