// Package validation validates payloads.
package validation
