package cryptobox

// knownKeys are the keys of the root map and of the binding as a format writes them,
// each with what stands before and behind. The first of each map is always written.
type knownKeys struct{ root, bind [][]byte }

var (
	jsonKeys        = newKnownKeys(jsonFormat{})
	messagePackKeys = newKnownKeys(messagePackFormat{})
	cborKeys        = newKnownKeys(cborFormat{})
)

func newKnownKeys(f format) *knownKeys {
	written := func(names []string) (keys [][]byte) {
		for i, name := range names {
			keys = append(keys, f.colon(f.text(f.next(nil, i), name)))
		}
		return keys
	}
	return &knownKeys{root: written(rootNames), bind: written(bindNames)}
}
