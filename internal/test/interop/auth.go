package interop

import (
	"crypto/ed25519"
	"encoding/hex"
)

// Who a [Node] lets in at [Node.AuthURL], by any of the methods.
const (
	AuthID   = "erika"
	AuthRole = "staff"

	Ticket   = "a ticket for one"
	Password = "open sesame"
)

// SigningSeed is the private key of WAMP-cryptosign, as its 32 bytes in hex.
const SigningSeed = "61207365656420666f72207468652074657374732c206f662033322062797465"

// authConfig is how Crossbar.io is told of [AuthID], where WAMP-CRA comes salted, and of who has
// a role of the rules.
func authConfig(rules Rules) map[string]any {
	seed, err := hex.DecodeString(SigningSeed)
	if err != nil {
		panic(err) // a constant
	}
	public := hex.EncodeToString(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	static := func(list, name string, user map[string]any) map[string]any {
		user["role"] = AuthRole
		return map[string]any{"type": "static", list: map[string]any{name: user}}
	}
	tickets := map[string]any{AuthID: map[string]any{"ticket": Ticket, "role": AuthRole}}
	for name := range rules {
		tickets[name] = map[string]any{"ticket": Ticket, "role": name}
	}
	return map[string]any{
		"ticket":     map[string]any{"type": "static", "principals": tickets},
		"wampcra":    static("users", AuthID, map[string]any{"secret": Password, "salt": "a pinch", "iterations": 1000, "keylen": 32}),
		"cryptosign": static("principals", AuthID, map[string]any{"realm": Realm, "authorized_keys": []string{public}}),
	}
}

// AuthURL is where WebSocket clients connect to that have to prove who they are.
func (n *Node) AuthURL() string { return "ws://" + address(n.auth) + "/ws" }
