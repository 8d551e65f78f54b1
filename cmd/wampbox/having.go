package main

import (
	"fmt"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// having gives the files that have a pattern. Others stay as they are; where all are such,
// the error says what the first one has.
func having(open []opened, p keyring.Pattern) ([]opened, error) {
	var have, lack []opened
	for _, f := range open {
		if f.Entry(p) != nil {
			have = append(have, f)
		} else {
			lack = append(lack, f)
		}
	}
	if len(have) == 0 {
		var has []string
		for _, e := range open[0].Entries[:min(len(open[0].Entries), maxListed)] {
			has = append(has, e.Pattern.String())
		}
		return nil, fmt.Errorf("%s: it doesn't have %v, but %s", open[0].Path, p, strings.Join(has, ", "))
	}
	for _, f := range lack {
		note("%s doesn't have %v", f.Path, p)
	}
	return have, nil
}
