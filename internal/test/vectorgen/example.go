package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// example is the worked example of docs/FORMAT.md, in Markdown: an event sealed by the
// originator of a pair of keys.
func example() string {
	var b strings.Builder
	set := keySets["pair"]
	block := func(title string, lines ...string) {
		fmt.Fprintf(&b, "%s\n\n```text\n%s\n```\n\n", title, strings.Join(lines, "\n"))
	}
	originator, responder := publicOf(originatorPrivate), publicOf(responderPrivate)
	block("The keys:",
		"originator private  "+originatorPrivate,
		"originator public   "+originator,
		"responder private   "+responderPrivate,
		"responder public    "+responder,
		"shared key (hex)    "+hex.EncodeToString(set.key[:]))
	hashed := hashed(originator, responder)
	sum := sha256.Sum256(hashed)
	block("The key id:", slices.Concat([]string{"hashed"}, hexLines(hashed),
		[]string{"SHA-256"}, hexLines(sum[:]), []string{"first 16 bytes, base64url", "  " + set.id})...)

	plaintext, padded := exampleRecord()
	nonce := nonceOf("example")
	payload := set.seal(nonce, plaintext)
	block(fmt.Sprintf("The record in CBOR, %d bytes (see below for each item):", len(plaintext)), hexLines(plaintext)...)
	block("The same, item by item:", exampleItems()...)
	block(fmt.Sprintf("The payload, %d bytes: nonce (24), tag (16), ciphertext (%d):", len(payload), len(plaintext)),
		slices.Concat(hexLines(payload[:24]), []string{""}, hexLines(payload[24:40]), []string{""}, hexLines(payload[40:]))...)
	block(fmt.Sprintf("The record padded to %d bytes, from where it differs: the first byte is `a5`, and behind \"bind\" come", len(padded)),
		hexLines(padded[len(plaintext):])...)
	block("The message, on a session that speaks JSON, in the framings `enc`, `native` and `ppt`:", exampleMessages(payload)...)
	return b.String()
}

// exampleBind is the binding of the example.
func exampleBind() pairs {
	return pairs{{"v", 1}, {"kind", "publish"}, {"realm", realm}, {"from", sender("peer")}, {"n", 1}, {"ts", now}}
}

// exampleRecord returns the record of the example, and the same padded by Padmé.
func exampleRecord() (plaintext, padded []byte) {
	plaintext = encode("cbor", pairs{{"uri", uri}, {"args", []any{"Hello", 23}}, {"kwargs", nil}, {"bind", exampleBind()}})
	least := len(plaintext) + 9
	padded = append([]byte{plaintext[0] + 1}, plaintext[1:]...)
	padded = append(padded, "\x63pad\x5a"...)
	padded = binary.BigEndian.AppendUint32(padded, uint32(padme(least)-least))
	return plaintext, append(padded, make([]byte, padme(least)-least)...)
}

// exampleItems has the record's items with what they say.
func exampleItems() []string {
	items := []string{"a4                                    map of 4"}
	item := func(indent int, value any, says string) {
		line := strings.Repeat("  ", indent) + hex.EncodeToString(encode("cbor", value))
		if len(line) > 36 {
			items = append(items, line)
			line = ""
		}
		items = append(items, fmt.Sprintf("%-37s %s", line, says))
	}
	add := func(indent int, key string, value any, says string) {
		item(indent, key, strconv.Quote(key))
		item(indent+1, value, says)
	}
	add(1, "uri", uri, uri)
	add(1, "args", []any{"Hello", 23}, `["Hello", 23]`)
	add(1, "kwargs", nil, "null")
	item(1, "bind", `"bind"`)
	items = append(items, "    a6                                map of 6")
	for _, e := range exampleBind() {
		says := fmt.Sprint(e.value)
		if e.key == "from" {
			says = "16 bytes"
		}
		add(2, e.key, e.value, says)
	}
	return items
}

// exampleMessages are a PUBLISH in each framing.
func exampleMessages(payload []byte) (lines []string) {
	text := `"\u0000` + base64.StdEncoding.EncodeToString(payload) + `"`
	id := keySets["pair"].id
	return []string{
		fmt.Sprintf(`[16,1,{},%q,[],{"enc":{"algo":"cryptobox","serializer":"cbor","key":%q,"payload":%s}}]`, uri, id, text),
		"",
		fmt.Sprintf(`[16,1,{"enc_algo":"cryptobox","enc_serializer":"cbor","enc_key":%q},%q,%s]`, id, uri, text),
		"",
		fmt.Sprintf(`[16,1,{"ppt_scheme":"wamp","ppt_serializer":"cbor","ppt_cipher":"xsalsa20poly1305","ppt_keyid":%q},%q,[%s]]`, id, uri, text),
	}
}

func hexLines(b []byte) (lines []string) {
	for chunk := range slices.Chunk(b, 32) {
		lines = append(lines, "  "+hex.EncodeToString(chunk))
	}
	return lines
}
