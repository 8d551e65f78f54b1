// Package codec writes values as JSON or CBOR, and reads them back.
//
// A [Writer] takes what a program hands over and writes it behind what is there. What isn't
// of the kinds that a Decoder gives, or another type of number, it has its [Form] make into
// such; [Survey] looks at what a Form is going to walk. A
// [Decoder] reads item by item; of lists and maps it makes []any and map[string]any,
// and what they hold has the same Go types in either [Format].
// Both are strict: text is valid UTF-8, keys are text and stand once, and limits hold
// in both directions. Everything that is read is taken for hostile: memory is
// charged for before it is taken.
//
// A [StrictReader] reads CBOR in which nearly every value has one form, and which a Writer
// writes after [Writer.ResetStrict]. It scans before it builds, and knows times.
//
// [Format], [Head] and the estimates of memory have no rules for what values may be. WAMP
// messages, which have other rules, are written and read with them too, in MessagePack as
// well.
package codec
