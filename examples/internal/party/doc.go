// Package party holds what the two example programs, originator and responder,
// share: their flags, their keys, and how they connect. What tells them apart
// stands in their own directories; read those first.
package party
