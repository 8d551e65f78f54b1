// Package proctest runs the example programs as processes of their own, for
// their tests.
package proctest
