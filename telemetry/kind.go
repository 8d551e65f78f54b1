package telemetry

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// kind is what a source is.
type kind uint8

const (
	ofSession kind = iota
	ofRing
	ofFile
	ofMember
	ofServer
)

var kindNames = [...]string{ofSession: "session", ofRing: "ring", ofFile: "file", ofMember: "member", ofServer: "server"}

func (k kind) String() string { return kindNames[k] }

// attribute gives the name of a source. It is text in UTF-8 in any case: one name that isn't
// could make a whole export fail.
func (k kind) attribute(name string) attribute.KeyValue {
	return attribute.String("wampbox."+k.String(), strings.ToValidUTF8(name, "\uFFFD"))
}
