package keyfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// schema compiles the published schema.
func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile("../../docs/keyring.schema.json")
	require.NoError(t, err)
	require.Equal(t, jsonschema.Draft2020.String(), fmt.Sprintf("https://json-schema.org/draft/%d-12/schema", s.DraftVersion))
	return s
}

// validate checks what the schema says of a file.
func validate(t testing.TB, text string, want bool) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	err = schema(t).Validate(value)
	if want {
		require.NoError(t, err)
	} else {
		require.Error(t, err, text)
	}
}

func TestSchemaAcceptsGoodFiles(t *testing.T) {
	for _, tc := range goodFiles {
		t.Run(tc.name, func(t *testing.T) { validate(t, tc.text, true) })
	}
}

// Bad files are refused by the schema too, but for those that are bad in a way
// that JSON doesn't know, or a schema can't say.
func TestSchemaRefusesBadFiles(t *testing.T) {
	refused, beyond := 0, 0
	for _, tc := range badFiles {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := jsonschema.UnmarshalJSON(strings.NewReader(tc.text)); err != nil || strings.Contains(tc.want, "twice") || strings.Contains(tc.want, "UTF-8") {
				return // no JSON, or JSON that other parsers read as another one
			}
			validate(t, tc.text, tc.deep)
			if tc.deep {
				beyond++
			} else {
				refused++
			}
		})
	}
	require.Greater(t, refused, 30)
	require.Greater(t, beyond, 10)
}

func TestSchemaIsWhereFilesSayItIs(t *testing.T) {
	require.Equal(t, keyfile.SchemaURL, schema(t).ID)
	require.Contains(t, keyfile.SchemaURL, "/docs/keyring.schema.json")
}
