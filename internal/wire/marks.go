package wire

import (
	"fmt"
	"maps"
	"strings"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Marks are places in a message that belong to a framing.
type Marks struct {
	Prefix  string // of options and details
	Keyword string // a keyword argument
	Raw     bool   // binary data in place of the arguments
}

// marks are those of all framings.
var marks = func() (all []Marks) {
	for _, f := range framings {
		all = append(all, f.Traits().Marks)
	}
	return all
}()

// Reserved reports whether an option or detail belongs to a framing: the enc_
// attributes of payload transparency, the ppt_ attributes of payload passthru
// mode (WAMP specification, "Payload Passthru Mode").
func Reserved(name string) bool {
	for _, m := range marks {
		if m.owns(name) {
			return true
		}
	}
	return false
}

// ReservedIn returns an option or detail in dict that belongs to a framing.
func ReservedIn(dict wamp.Dict) (name string, found bool) {
	for name := range dict {
		if Reserved(name) {
			return name, true
		}
	}
	return "", false
}

func (m Marks) owns(name string) bool {
	return m.Prefix != "" && strings.HasPrefix(name, m.Prefix)
}

// In reports whether part has something of the framing.
func (m Marks) In(part *Part) bool {
	_, keyword := part.Kwargs[m.Keyword]
	return m.Keyword != "" && keyword || m.Raw && part.Raw != nil || m.inDict(part)
}

func (m Marks) inDict(part *Part) bool {
	for name := range part.Dict {
		if m.owns(name) {
			return true
		}
	}
	return false
}

// checkForeign refuses what belongs to another framing than the one that asks.
func checkForeign(part *Part, own Marks) error {
	for _, m := range marks {
		if m.Prefix != own.Prefix && m.inDict(part) {
			return partsError("details of another framing: " + m.Prefix + "...")
		}
		if m.Keyword != "" && m.Keyword != own.Keyword {
			if _, found := part.Kwargs[m.Keyword]; found {
				return partsError("the keyword argument of another framing: " + m.Keyword)
			}
		}
	}
	if part.Raw != nil && !own.Raw {
		return partsError("binary data in place of the arguments")
	}
	return nil
}

// checkPut refuses to put env into part where nothing could take it out again.
func checkPut(part *Part, env *cryptobox.Envelope) error {
	if err := env.Validate(); err != nil {
		return err
	}
	if _, found := ReservedIn(part.Dict); found {
		return fmt.Errorf("%w: options that belong to a framing are there already; leave them out", ErrFraming)
	}
	return nil
}

// addTo returns a copy of dict with attributes added, but for empty ones.
func addTo(dict wamp.Dict, attributes map[string]string) wamp.Dict {
	added := make(wamp.Dict, len(dict)+len(attributes))
	maps.Copy(added, dict)
	for name, value := range attributes {
		if value != "" {
			added[name] = value
		}
	}
	return added
}

// attributesOf reads the framing's own details, which must all be known and
// hold text.
func attributesOf(part *Part, own Marks, fields map[string]*string) error {
	for name, value := range part.Dict {
		if !own.owns(name) {
			continue
		}
		field, known := fields[name]
		if !known {
			return partsError("an unknown detail " + own.Prefix + "...")
		}
		text, ok := value.(string)
		if !ok || text == "" {
			return partsError(name + " is no text")
		}
		*field = text
	}
	return nil
}
