// Package cryptobox seals WAMP payloads.
package cryptobox
