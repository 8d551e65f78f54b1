package codec

import "reflect"

// TagOf is the "codec" tag of a field, or the "json" tag where there is none, as ugorji's codec
// reads them.
func TagOf(f reflect.StructField) string {
	if text := f.Tag.Get("codec"); text != "" {
		return text
	}
	return f.Tag.Get("json")
}

// LeftOut reports whether a field is neither written nor read.
func LeftOut(f reflect.StructField) bool {
	return (!f.IsExported() && !f.Anonymous) || f.Type.Kind() == reflect.Func || TagOf(f) == "-"
}
