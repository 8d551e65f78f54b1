// Package validation validates payloads by JSON Schemas. Put schemas and an index into a folder,
// and give it to a Session:
//
//	v, err := validation.Load("schemas")
//	s, err := transparency.ConnectNet(ctx, url, cfg, ring, transparency.WithValidator(v))
//
// The index is the file index.json. It says which schema is for what:
//
//	{"version": 1, "patterns": [
//	  {"exact":  "com.myapp.order",   "call":  {"args": "order.json#/$defs/arguments"}, "result": {"args": "number.json"}},
//	  {"prefix": "com.myapp.events.", "event": {"kwargs": "event.json"}}]}
//
// docs/VALIDATION.md has all fields of it. [transparency.WithValidator] tells what becomes of a
// payload that is invalid, and what its sender learns. examples/validation shows it.
//
// This is a module of its own, so that only programs that require it download and compile a
// package for JSON Schema.
//
// # Schemas
//
// Schemas are JSON Schema 2020-12. The arguments are an array for them, the keyword arguments
// an object. Values that JSON doesn't have are looked at as JSON sessions carry them:
//
//	bytes       text in base64 (RFC 4648, section 4)
//	time        text as of RFC 3339, such as format date-time wants
//	integers    of any size, exact; a float64 without fraction is an integer too
//	NaN and infinities, which JSON has no form for, are invalid
//
// The keywords format and contentEncoding are checked, the latter for base64. Regular
// expressions are those of Go's package regexp. It has no look-ahead and no back references.
//
// A payload has the same values at both ends, so both come to the same verdict. One exception is
// a plain message on a JSON session, where NaN arrives as null.
//
// # Loading
//
// [Load] is strict: a typo must not let everything pass. It refuses a field or keyword that it
// doesn't know, a name that stands twice in an object, a format that isn't checked, and a file
// that nothing refers to. An [Error] names the file, and the place in it.
//
// A $ref stays within the folder. Nothing is fetched, from the network or from elsewhere in the
// file system; a symbolic link that leads out of the folder is an error. So $id isn't taken, nor
// are other dialects of JSON Schema, $dynamicRef, contentMediaType and contentSchema.
//
// Files that somebody else has written can't do harm. These limits hold:
//
//	files        1,000, of 1 MiB each and 8 MiB together; 64 levels of JSON
//	schemas      5,000, those within others counted; 1,000 patterns
//	expressions  1,000 bytes, and 2,000 instructions
//	numbers      64 bytes, exponents of 3 digits
//
// # Validating
//
// An error is a [*transparency.InvalidError]. Its path has list indexes, and names that stand in
// the schemas; "{}" stands for any other name, because that is payload. The reason begins with
// the keyword that doesn't hold. Values stay out.
//
// A schema can lead to work that doubles with each level of a payload. So work is bounded by
// what the payload is: 262,144 steps, 64 more for each value and one for each byte of text, and
// no more than 8,388,608 steps. What needs more is invalid. An expression takes a step for each
// 16 instructions times bytes, so a text of more than some 8 MB is too much for any. A text of
// more than 64 KiB has no format.
//
// # What it costs
//
// Nothing for a payload that no schema is for, but the look-up of its URI. For a payload of 256
// bytes with 11 values (BenchmarkValidate) a verdict takes 10 allocations and 672 bytes, beside
// the copy that a Session makes for it. A sealed call of it over RawSocket, with an echo as the
// result, has four verdicts if both ends validate. BenchmarkCalls measures in turns, on 2 cores
// that others used too: such a call takes 1.39 to 1.43 times as long as without, and one whose
// URI has no schema 1.02 times.
package validation
