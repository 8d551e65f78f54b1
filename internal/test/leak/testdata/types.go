// Package testdata declares types for the test to find.
package testdata

// Exported is one.
type Exported struct{}

// Alias is one.
type Alias = Exported

type (
	// Grouped is one.
	Grouped int

	hidden int
)

// Interface has no values.
type Interface interface{ M() hidden }
