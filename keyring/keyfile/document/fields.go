package document

import "slices"

// fields are an entry's, in the order in which they are written.
var fields = [...]string{
	"pattern", "match", "id", "state", "created", "not_after", "allow_unbound", "comment",
	"originator", "responder", "symmetric", "algorithm",
}

const fieldCount = len(fields)

// fieldIndex finds a field by its name, -1 for none.
func fieldIndex(name string) int { return slices.Index(fields[:], name) }

// Words of the format.
var (
	matches    = []string{"exact", "prefix", "wildcard"}
	states     = []string{"pending", "active", "retired", "revoked"}
	algorithms = []string{"xsalsa20poly1305", "aes256gcm"}
)
