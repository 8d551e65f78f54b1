// Package closed holds the tests of what a user could believe to be sealed, and isn't:
// it isn't sent. See its tests.
package closed
