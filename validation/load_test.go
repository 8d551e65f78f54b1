package validation_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/validation"
)

// refusedIndexes are indexes beside a schema args.json, and what their errors say.
var refusedIndexes = map[string]struct{ index, want string }{
	"empty":              {``, `index.json:1: `},
	"no JSON":            {"{\n\"version\": 1,\n]", `index.json:2: `},
	"name twice":         {`{"version": 1, "version": 1}`, `index.json:1: duplicate object member name`},
	"two values":         {`{} {}`, `index.json:1: something stands behind the JSON value`},
	"garbage behind":     {`{"version": 1}` + "\n]", `index.json:1: something stands behind the JSON value`},
	"no version":         {`{"patterns": []}`, `index.json#/version: 1 is wanted`},
	"another version":    {`{"version": 2, "patterns": []}`, `index.json#/version: 1 is wanted`},
	"no patterns":        {`{"version": 1}`, `index.json#/patterns: one at least is wanted`},
	"unknown field":      {`{"version": 1, "paterns": []}`, `index.json#/paterns: it has no such field`},
	"unknown kind":       {`{"version": 1, "patterns": [{"exact": "com.x", "calls": {}}]}`, `index.json#/patterns/0/calls: it has no such field`},
	"unknown part":       {`{"version": 1, "patterns": [{"exact": "com.x", "call": {"arguments": "args.json"}}]}`, `index.json#/patterns/0/call/arguments: it has no such field`},
	"unlisted":           {`{"version": 1, "unlisted": "drop", "patterns": [{"exact": "com.x", "call": {}}]}`, `index.json#/unlisted: "pass" or "refuse" is wanted`},
	"no pattern":         {`{"version": 1, "patterns": [{"call": {}}]}`, `index.json#/patterns/0: one of exact, prefix and wildcard is wanted`},
	"two patterns":       {`{"version": 1, "patterns": [{"exact": "com.x", "prefix": "com.", "call": {}}]}`, `index.json#/patterns/0: one of exact, prefix and wildcard is wanted`},
	"star":               {`{"version": 1, "patterns": [{"prefix": "com.*", "call": {}}]}`, `index.json#/patterns/0: `},
	"pattern twice":      {`{"version": 1, "patterns": [{"exact": "com.x", "call": {}}, {"exact": "com.x", "event": {}}]}`, `index.json#/patterns/1: exact "com.x" is there already`},
	"ambiguous":          {`{"version": 1, "patterns": [{"wildcard": "com..x", "call": {}}, {"wildcard": "com.y.", "call": {}}]}`, `index.json#/patterns/1: `},
	"nothing said":       {`{"version": 1, "patterns": [{"exact": "com.x", "comment": "later"}]}`, `index.json#/patterns/0: it says nothing`},
	"part that is false": {`{"version": 1, "patterns": [{"exact": "com.x", "call": {"args": false}}]}`, `index.json#/patterns/0/call/args: the name of a schema file is wanted`},
	"schema inline":      {`{"version": 1, "patterns": [{"exact": "com.x", "call": {"args": {"type": "array"}}}]}`, `index.json#/patterns/0/call/args: the name of a schema file is wanted`},
	"no such file":       {`{"version": 1, "patterns": [{"exact": "com.x", "call": {"args": "arg.json"}}]}`, `index.json#/patterns/0/call/args: the folder has no file "arg.json"`},
	"no such part":       {`{"version": 1, "patterns": [{"exact": "com.x", "call": {"args": "args.json#/$defs/x"}}]}`, `index.json#/patterns/0/call/args: `},
	"no schema":          {`{"version": 1, "patterns": [{"exact": "com.x", "call": {"args": "args.json#/type"}}]}`, `index.json#/patterns/0/call/args: `},
	"outside":            {`{"version": 1, "patterns": [{"exact": "com.x", "call": {"args": "../args.json"}}]}`, `index.json#/patterns/0/call/args: "../args.json" leads out of the folder`},
	"absolute":           {`{"version": 1, "patterns": [{"exact": "com.x", "call": {"args": "/args.json"}}]}`, `index.json#/patterns/0/call/args: "/args.json" is no name of a file in the folder`},
	"URL":                {`{"version": 1, "patterns": [{"exact": "com.x", "call": {"args": "http://localhost/args.json"}}]}`, `index.json#/patterns/0/call/args: "http://localhost/args.json" is no name of a file in the folder`},
	"itself":             {`{"version": 1, "patterns": [{"exact": "com.x", "call": {"args": "index.json"}}]}`, `index.json#/patterns/0/call/args: "index.json" leads out of the folder, or to its index`},
	"unused file":        {`{"version": 1, "patterns": [{"exact": "com.x", "call": {}}]}`, `args.json: neither index.json nor a $ref names it`},
	"many patterns":      {`{"version": 1, "patterns": [` + strings.Repeat(`{"exact": "com.x"},`, 1001) + `{}]}`, `index.json#/patterns: more than 1000`},
}

func TestRefusedIndexes(t *testing.T) {
	for name, c := range refusedIndexes {
		t.Run(name, func(t *testing.T) {
			_, err := validation.LoadFS(folderOf(map[string]string{"index.json": c.index, "args.json": `{"type": "array"}`}))
			requireError(t, err, c.want)
		})
	}
	_, err := validation.LoadFS(fstest.MapFS{})
	requireError(t, err, `index.json: it is missing`)
	_, err = validation.Load(filepath.Join(t.TempDir(), "missing"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorIs(t, err, validation.ErrSchemas)
}

func requireError(t *testing.T, err error, want string) {
	t.Helper()
	require.ErrorIs(t, err, validation.ErrSchemas)
	require.Contains(t, err.Error(), "validation: unusable schemas: "+want)
	require.Less(t, len(err.Error()), 1500)
	var where *validation.Error
	require.ErrorAs(t, err, &where)
}

// refusedSchemas are files schema.json, and what their errors say.
var refusedSchemas = map[string]struct{ schema, want string }{
	"no JSON":                 {"{\"type\":\n\"string\",}", `schema.json:2: `},
	"garbage behind":          {`{"type": "string"} }`, `schema.json:1: something stands behind the JSON value`},
	"text behind":             {`{"type": "string"} x`, `schema.json:1: something stands behind the JSON value`},
	"name twice":              {`{"type": "string", "type": "null"}`, `schema.json:1: duplicate`},
	"not UTF-8":               {"{\"title\": \"\xff\"}", `schema.json:1: `},
	"text":                    {`"string"`, `schema.json: a schema is an object or a boolean`},
	"typo":                    {`{"properties": {"a": {"requried": ["b"]}}}`, `schema.json#/properties/a/requried: "requried" is no keyword of JSON Schema 2020-12`},
	"old keyword":             {`{"dependencies": {}}`, `schema.json#/dependencies: "dependencies" is no keyword`},
	"old draft":               {`{"$schema": "http://json-schema.org/draft-07/schema#"}`, `schema.json#/$schema: only https://json-schema.org/draft/2020-12/schema is taken`},
	"own dialect":             {`{"$schema": "http://localhost/meta"}`, `schema.json#/$schema: only `},
	"dialect within":          {`{"properties": {"a": {"$schema": "http://localhost/meta"}}}`, `schema.json#/properties/a/$schema: only `},
	"id":                      {`{"$id": "http://localhost/schema"}`, `schema.json#/$id: not taken: `},
	"id within":               {`{"$defs": {"a": {"$id": "http://localhost/schema"}}}`, `schema.json#/$defs/a/$id: not taken: `},
	"dynamic":                 {`{"$dynamicRef": "#a"}`, `schema.json#/$dynamicRef: not taken: use $ref`},
	"vocabulary":              {`{"$vocabulary": {}}`, `schema.json#/$vocabulary: not taken: `},
	"content":                 {`{"contentMediaType": "application/json"}`, `schema.json#/contentMediaType: not taken: `},
	"encoding":                {`{"contentEncoding": "base32"}`, `schema.json#/contentEncoding: only "base64" is taken`},
	"unknown format":          {`{"format": "dat-time"}`, `schema.json#/format: one of these is wanted: date-time`},
	"format of expressions":   {`{"format": "regex"}`, `schema.json#/format: one of these is wanted`},
	"unknown type":            {`{"type": "int"}`, `schema.json#/type: one of these is wanted`},
	"type of type":            {`{"type": 5}`, `schema.json#/type: one of these is wanted`},
	"no types":                {`{"type": []}`, `schema.json#/type: a type is wanted`},
	"negative":                {`{"minLength": -1}`, `schema.json#/minLength: a number from 0`},
	"fraction":                {`{"minLength": 1.5}`, `schema.json#/minLength: a number from 0`},
	"huge count":              {`{"maxItems": 4294967296}`, `schema.json#/maxItems: a number from 0`},
	"step of 0":               {`{"multipleOf": 0}`, `schema.json#/multipleOf: a number above 0 is wanted`},
	"text for a number":       {`{"minimum": "1"}`, `schema.json#/minimum: a number is wanted`},
	"text for a list":         {`{"allOf": "x"}`, `schema.json#/allOf: a list of schemas is wanted`},
	"empty list":              {`{"anyOf": []}`, `schema.json#/anyOf: a list of schemas is wanted`},
	"number in a list":        {`{"prefixItems": [true, 1]}`, `schema.json#/prefixItems/1: a schema is an object or a boolean`},
	"names":                   {`{"required": "a"}`, `schema.json#/required: a list of names is wanted`},
	"number among names":      {`{"dependentRequired": {"a": ["b", 1]}}`, `schema.json#/dependentRequired: a list of names is wanted`},
	"truth":                   {`{"uniqueItems": "yes"}`, `schema.json#/uniqueItems: true or false is wanted`},
	"bad expression":          {`{"pattern": "(["}`, `schema.json#/pattern: a regular expression that Go's package regexp doesn't take`},
	"look-ahead":              {`{"pattern": "(?=a)"}`, `schema.json#/pattern: a regular expression that Go's package regexp doesn't take`},
	"bad expression of names": {`{"patternProperties": {"(/": true}}`, `schema.json#/patternProperties/(~1: a regular expression`},
	"long expression":         {`{"pattern": "` + strings.Repeat("a", 1001) + `"}`, `schema.json#/pattern: a regular expression of more than 1000 bytes`},
	"large expression":        {`{"pattern": "` + strings.Repeat("a{999}", 10) + `"}`, `schema.json#/pattern: a regular expression that becomes more than 2000 instructions`},
	"nested repeats":          {`{"pattern": "((a{100}){100}){100}"}`, `schema.json#/pattern: a regular expression that Go's`},
	"number to fill memory":   {`{"multipleOf": 1e-1000000000}`, `schema.json:1: a number of more than 64 bytes, or an exponent of more than 3`},
	"number beyond":           {`{"maximum": 1e400}`, `schema.json:1: a number beyond the range of float64`},
	"long number":             {`{"const": ` + strings.Repeat("9", 65) + `}`, `schema.json:1: a number of more than 64 bytes`},
	"deep":                    {strings.Repeat(`{"not":`, 65) + "true" + strings.Repeat("}", 65), `schema.json:1: nested more than 64 deep`},
	"very deep":               {strings.Repeat(`[`, 500_000), `schema.json:1: nested more than 64 deep`},
	"large":                   {`"` + strings.Repeat("x", 1<<20) + `"`, `schema.json: it has more than 1048576 bytes`},
	"many schemas":            {`{"anyOf": [` + strings.Repeat(`true,`, 5000) + `true]}`, `schema.json#/anyOf/`},
	"loop":                    {`{"$ref": "#"}`, `schema.json: a $ref leads back to itself without going into the value`},
	"longer loop":             {`{"anyOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"not": {"$ref": "#/$defs/b"}}, "b": {"if": {"$ref": "#"}}}}`, `schema.json: a $ref leads back to itself`},
	"loop by dependents":      {`{"dependentSchemas": {"a": {"$ref": "#"}}}`, `schema.json: a $ref leads back to itself`},
	"no such file":            {`{"$ref": "other.json"}`, `schema.json#/$ref: the folder has no file "other.json"`},
	"no such place":           {`{"$ref": "#/$defs/a"}`, `schema.json#/$ref: schema.json has no schema at "/$defs/a"`},
	"no such anchor":          {`{"$ref": "#a"}`, `schema.json#/$ref: schema.json has no schema at "a"`},
	"network":                 {`{"$ref": "https://localhost/x.json"}`, `schema.json#/$ref: "https://localhost/x.json" is no name of a file in the folder`},
	"file":                    {`{"$ref": "file:///etc/passwd"}`, `schema.json#/$ref: "file:///etc/passwd" is no name`},
	"host":                    {`{"$ref": "//localhost/x.json"}`, `schema.json#/$ref: "//localhost/x.json" is no name`},
	"way out":                 {`{"$ref": "../secrets.json"}`, `schema.json#/$ref: "../secrets.json" leads out of the folder`},
	"long way out":            {`{"$ref": "a/../../secrets.json#/x"}`, `schema.json#/$ref: "a/../../secrets.json" leads out of the folder`},
	"encoded way out":         {`{"$ref": "%2e%2e/secrets.json"}`, `schema.json#/$ref: "%2e%2e/secrets.json" is no name`},
	"schema of schemas":       {`{"$ref": "https://json-schema.org/draft/2020-12/schema"}`, `schema.json#/$ref: `},
	"the index":               {`{"$ref": "index.json"}`, `schema.json#/$ref: "index.json" leads out of the folder, or to its index`},
	"into data":               {`{"const": {"pattern": "(?=unchecked)"}, "$ref": "#/const"}`, `schema.json#/$ref: schema.json has no schema at "/const"`},
	"into an unknown place":   {`{"examples": [{"$ref": "http://localhost/x"}], "$ref": "#/examples/0"}`, `schema.json#/$ref: schema.json has no schema at "/examples/0"`},
	"names twice":             {`{"required": ["a", "a"]}`, `schema.json#/required: no schema by the schema of schemas: uniqueItems`},
	"anchor of no text":       {`{"$anchor": 5}`, `schema.json#/$anchor: a name is wanted`},
	"anchor twice":            {`{"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}`, `schema.json#/$defs/b/$anchor: the file has this anchor already`},
	"fragment":                {`{"$ref": "#%zz"}`, `schema.json#/$ref: what stands behind # is no fragment`},
	"reference of no text":    {`{"$ref": 5}`, `schema.json#/$ref: a text is wanted`},
}

func TestRefusedSchemas(t *testing.T) {
	for name, c := range refusedSchemas {
		t.Run(name, func(t *testing.T) {
			_, err := validation.LoadFS(schemaOf(c.schema))
			requireError(t, err, c.want)
		})
	}
}

// TestRefusedFolders: what is wrong with a file as such.
func TestRefusedFolders(t *testing.T) {
	many := map[string]string{"index.json": ofValue}
	for i := range 1001 {
		many[fmt.Sprintf("f%d.json", i)] = `true`
	}
	large := map[string]string{"index.json": ofValue}
	for i := range 9 {
		large[fmt.Sprintf("f%d.json", i)] = `{"title": "` + strings.Repeat("x", 1<<20-100) + `"}`
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"many files":  {many, `f999.json: more than 1000 files`},
		"large files": {large, `f8.json: the files of the folder have more than 8388608 bytes`},
		"space":       {map[string]string{"index.json": ofValue, "a b.json": "true"}, `a b.json: a name has letters, digits`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := validation.LoadFS(folderOf(c.files))
			requireError(t, err, c.want)
		})
	}
}

// TestFolders: folders within, references between files, comments, what Kubernetes mounts.
func TestFolders(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	write("..2026/index.json", `{"version": 1, "comment": "x", "patterns": [{"exact": "com.x", "comment": "y", "call": {"args": "orders/args.json#/$defs/one"}}]}`)
	require.NoError(t, os.Symlink("..2026", filepath.Join(dir, "..data")))
	require.NoError(t, os.Symlink("..data/index.json", filepath.Join(dir, "index.json")))
	write("orders/args.json", `{"$schema": "https://json-schema.org/draft/2020-12/schema#", "$defs": {"one": {"prefixItems": [{"$ref": "../common/id.json"}]}}}`)
	write("common/id.json", `{"title": "an id", "type": "integer"}`)
	write("README.md", `# no schema`)
	write(".hidden.json", `{`)
	v, err := validation.Load(dir)
	require.NoError(t, err)
	require.Nil(t, verdict(t, v, int64(1)))
	require.Equal(t, "args[0]: type: integer", verdict(t, v, "1").Error())

	outside := filepath.Join(t.TempDir(), "outside.json")
	require.NoError(t, os.WriteFile(outside, []byte(`true`), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder.json"), 0o755))
	_, err = validation.Load(dir)
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(dir, "common/id.json")))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "common/id.json")))
	_, err = validation.Load(dir)
	requireError(t, err, "common/id.json: ")
}
