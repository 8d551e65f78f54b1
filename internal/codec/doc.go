// Package codec writes values as JSON or CBOR, and reads them back. Use a [Writer] to write, and
// a [Decoder] or a [StrictReader] to read.
//
// A Writer appends to the bytes that it is given. It writes every kind of value that a Decoder
// returns, and every other type of number. For a value of any other type it asks its [Form],
// which returns a value of those kinds to be written instead. A Form walks structs and the like
// by reflection. [Survey] looks at a value first, and refuses what a Form can't walk.
//
// A Decoder reads item by item. It makes []any of lists and map[string]any of maps, and what
// they hold has the same Go types in either [Format].
//
// Writer and Decoder are strict: text is valid UTF-8, map keys are text and stand once, and the
// same limits hold for writing and reading. Everything that is read is taken for hostile: memory
// is counted against a limit before it is taken.
//
// A StrictReader reads CBOR in which nearly every value has one form. A Writer writes that form
// after [Writer.ResetStrict]. A StrictReader scans values before it builds them. It also reads
// times, which a Decoder doesn't.
//
// [Format], [Head] and the estimates of memory have no rules for what values may be. Package
// message uses them too, for WAMP messages, which have other rules, and also come in
// MessagePack.
package codec
