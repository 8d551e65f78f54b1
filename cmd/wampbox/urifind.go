package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// maxWords bounds a file of words, in bytes.
const maxWords = 16 << 20

// maxPlaces bounds the components of a URI that is looked for.
const maxPlaces = 100

// foundURI is what was found for a URI that a router shows, as uri -find prints it as JSON.
type foundURI struct {
	Router  string `json:"router"`
	URI     string `json:"uri,omitempty"`     // with ? for what wasn't found
	Prefix  string `json:"prefix,omitempty"`  // below which it is scrambled
	Secret  string `json:"secret,omitempty"`  // its id
	Unknown []int  `json:"unknown,omitempty"` // components behind the prefix, from 1
	Says    string `json:"says,omitempty"`    // what else there is to say
}

// unknownComponent stands for what wasn't found.
const unknownComponent = "?"

// findURIs finds the URIs of what a router shows, and tells what it couldn't find.
func findURIs(cmd *cli.Command, ring *keyring.Ring) error {
	words, err := readWords(ring, cmd.String("words"))
	if err != nil {
		return err
	}
	f := finder{ring, cmd.String("realm"), words, map[placed]map[string]string{}}
	list, all := []foundURI{}, true
	for _, seen := range cmd.Args().Slice() {
		found, err := f.find(seen)
		if err != nil {
			return err
		}
		all = all && len(found.Unknown) == 0
		list = append(list, found)
	}
	if cmd.Bool("json") {
		err = outputJSON(struct {
			URIs []foundURI `json:"uris"`
		}{list})
	} else {
		err = sayFound(list)
	}
	if err == nil && !all {
		err = errFindings
	}
	return err
}

func sayFound(list []foundURI) error {
	for _, found := range list {
		if err := outputLine(found.URI); err != nil {
			return err
		}
		if found.Says != "" {
			note("%s: %s", found.Router, found.Says)
		}
	}
	return nil
}

// readWords gives the components of the patterns below scrambled prefixes, and of the lines of
// a file.
func readWords(ring *keyring.Ring, path string) (map[string]bool, error) {
	words := map[string]bool{}
	add := func(uri string) {
		for word := range strings.SplitSeq(uri, ".") {
			words[word] = true
		}
	}
	for _, p := range hiddenPatterns(ring) {
		add(strings.TrimPrefix(p.URI, scrambledAround(ring, p).Prefix))
	}
	if path != "" {
		text, err := readInput(path, maxWords)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			add(strings.TrimSpace(line))
		}
	}
	delete(words, "")
	return words, nil
}

// placed is a place behind a prefix, under one secret.
type placed struct {
	form  *keyring.Form
	place int
}

// finder finds URIs.
type finder struct {
	ring  *keyring.Ring
	realm string
	words map[string]bool
	// known has the words by what routers see of them.
	known map[placed]map[string]string
}

// find finds the URI of what a router shows.
func (f *finder) find(seen string) (foundURI, error) {
	found := foundURI{Router: keyfile.Conceal(seen), URI: keyfile.Conceal(seen)}
	around := scrambledAround(f.ring, keyring.Exact(seen))
	if around == nil || seen == around.Prefix {
		found.Says = "it isn't below a prefix that the file scrambles"
		return found, nil
	}
	components := strings.Split(strings.TrimPrefix(seen, around.Prefix), ".")
	if len(components) > maxPlaces {
		return found, fmt.Errorf("%.100q has more than %d components: that can't be right", seen, maxPlaces)
	}
	found.Prefix = around.Prefix
	if !mayBeScrambled(components) {
		found.Says = "it is clear: scrambled components have 16 characters, a to z and 2 to 7"
		return found, nil
	}
	forms, _, err := f.ring.Forms(f.realm).Receive(keyring.Prefix(around.Prefix))
	if err != nil {
		return found, fmt.Errorf("%s", cause(err))
	}
	best := []int(nil)
	for _, form := range forms {
		if form.IsClear() {
			continue
		}
		names, unknown := f.real(form, around.Prefix, components)
		if found.Secret == "" || len(unknown) < len(best) {
			best = unknown
			found.URI, found.Secret, found.Unknown = around.Prefix+keyfile.Conceal(strings.Join(names, ".")), form.ID(), unknown
		}
	}
	f.explain(&found, components)
	return found, nil
}

// explain says what wasn't found.
func (f *finder) explain(found *foundURI, components []string) {
	given := 0
	for _, c := range components {
		if c != "" {
			given++
		}
	}
	switch {
	case len(found.Unknown) == 0:
	case len(found.Unknown) == given:
		found.Secret = "" // it may be another's
		found.Says = fmt.Sprintf("no component was found among %s: it may be of another realm, secret or prefix; more can be given with -words", plural(len(f.words), "word"))
	default:
		found.Says = fmt.Sprintf("%s behind %s not found among %s: more can be given with -words",
			ordinals(found.Unknown), map[bool]string{true: "the prefix was", false: "the prefix were"}[len(found.Unknown) == 1], plural(len(f.words), "word"))
	}
}

// ordinals names components by their numbers.
func ordinals(places []int) string {
	if len(places) == 1 {
		return fmt.Sprintf("component %d", places[0])
	}
	return "components " + strings.Trim(strings.ReplaceAll(fmt.Sprint(places), " ", ", "), "[]")
}

// real gives the words of components, and the numbers of those that no word fits.
func (f *finder) real(form *keyring.Form, prefix string, components []string) (names []string, unknown []int) {
	for place, c := range components {
		word, known := "", true
		if c != "" {
			word, known = f.at(placed{form, place}, prefix)[c]
		}
		if !known {
			word = unknownComponent
			unknown = append(unknown, place+1)
		}
		names = append(names, word)
	}
	return names, unknown
}

// at gives the words by what routers see of them in a place. What is empty stays so: dots are
// enough to come to the place.
func (f *finder) at(p placed, prefix string) map[string]string {
	if known := f.known[p]; known != nil {
		return known
	}
	before := prefix + strings.Repeat(".", p.place)
	known := make(map[string]string, len(f.words))
	for word := range f.words {
		known[strings.TrimPrefix(p.form.URI(before+word), before)] = word
	}
	f.known[p] = known
	return known
}

// mayBeScrambled tells whether all components that are given look so.
func mayBeScrambled(components []string) bool {
	for _, c := range components {
		other := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '2' || r > '7') }
		if c != "" && (len(c) != cryptobox.ScrambledLength || strings.ContainsFunc(c, other)) {
			return false
		}
	}
	return true
}
