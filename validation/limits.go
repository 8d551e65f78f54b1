package validation

// Limits of a folder. What is beyond is an error of [Load].
const (
	maxFiles      = 1000
	maxFileBytes  = 1 << 20
	maxBytes      = 8 << 20 // all files together
	maxJSONDepth  = 64
	maxNumber     = 64 // bytes of a number's text
	maxSchemas    = 5000
	maxPatterns   = 1000
	maxRegexBytes = 1000
	maxRegexSize  = 2000 // instructions of the program that a regular expression becomes
)

// Limits of one validation.
const (
	// Work is in units: a schema that is applied to a value costs one, an expression that is
	// matched one for each 16 steps, a key one for each 16 bytes. A payload may cost leastWork,
	// workForValue for each of its values and one for each byte of its texts, and no more than
	// maxWork: what a few bytes cost is bounded too.
	leastWork    = 256 << 10
	workForValue = 64
	maxWork      = 8 << 20
	// maxDepth bounds how deep schemas are applied within one another.
	maxDepth = 2000
	// maxFormat is the longest text that can have a format, in bytes.
	maxFormat = 64 << 10
)
