// Package values writes what messages carry as JSON, and reads it, exactly: integers stay
// integers and floats floats, and binary data is written as WAMP does, "\u0000" and base64.
package values
