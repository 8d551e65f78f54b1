// Package compare finds what keeps two ends from understanding each other, from what
// their keyring files hold: patterns, dates and ids, and no secrets.
//
//	mine, err := compare.NewList(file)     // what wampbox list -json prints
//	theirs, err := compare.ReadList(input) // printed so at the other end
//	findings := compare.Lists(mine, theirs, time.Now())
package compare
