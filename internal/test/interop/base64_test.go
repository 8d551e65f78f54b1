package interop_test

import "encoding/base64"

// base64Of writes a key as Autobahn takes it.
func base64Of(key []byte) string { return base64.StdEncoding.EncodeToString(key) }
