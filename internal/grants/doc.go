// Package grants is the folder that an authority's `issue` writes and a server reads: a grant a
// member, the fresh key, and the receipts that the server keeps for the authority. It holds no
// secret of anybody but the fresh key.
//
//	members/NAME.grant   CBOR [verify key (32), recipient (text), grant statement, ciphertext]
//	fresh.key            CBOR [fresh private key (32), delegation statement]
//	receipts/NAME/SERIAL CBOR [received (uint, Unix ms), get statement]
//
// Each file is replaced as a whole, so that who reads or copies meanwhile has the old one or the
// new one. Nothing that is read is trusted: sizes are bounded, names are checked, and only
// regular files are opened. Signatures are for the caller to verify.
package grants
