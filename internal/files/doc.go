// Package files reads and writes files that hold keys: whole or not at all, one process at a
// time, and only where nobody else can read or change them.
package files
