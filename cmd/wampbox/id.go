package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// versionAt is a version of a pattern's key in one of several files.
type versionAt struct {
	file    opened
	pattern keyring.Pattern
	keyfile.VersionInfo
}

// versions gives those of all files, in their order.
func versions(open []opened) ([]versionAt, error) {
	var all []versionAt
	for _, f := range open {
		list, err := f.List()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		for _, entry := range list {
			for _, v := range entry.Versions {
				all = append(all, versionAt{f, entry.Pattern, v})
			}
		}
	}
	return all, nil
}

// withID finds the versions that an id means, or the beginning of one. Files without the
// pattern stay as they are; one that has it has the version too.
func withID(open []opened, part string) ([]versionAt, error) {
	all, err := versions(open)
	if err != nil {
		return nil, err
	}
	id, err := wholeID(all, part)
	if err != nil {
		return nil, err
	}
	meant := slices.DeleteFunc(slices.Clone(all), func(v versionAt) bool { return v.ID != id })
	for _, f := range open {
		has := func(list []versionAt, is func(versionAt) bool) bool {
			return slices.ContainsFunc(list, func(v versionAt) bool { return v.file == f && is(v) })
		}
		switch {
		case has(meant, func(versionAt) bool { return true }):
		case has(all, func(v versionAt) bool {
			return slices.ContainsFunc(meant, func(other versionAt) bool { return other.pattern == v.pattern })
		}):
			return nil, fmt.Errorf("%s has no version with the id %q: list shows those that it has", f.Path, id)
		default:
			note("%s doesn't have the pattern", f.Path)
		}
	}
	return meant, nil
}

// wholeID gives the one id that a text is, or begins.
func wholeID(all []versionAt, part string) (string, error) {
	var ids, lines, others []string
	for _, v := range all {
		line := fmt.Sprintf("%s (%v, %v)", v.ID, v.pattern, v.State)
		switch known := slices.Contains(ids, v.ID); {
		case v.ID == part:
			return part, nil
		case !strings.HasPrefix(v.ID, part) && len(others) < maxListed && !slices.Contains(others, line):
			others = append(others, line)
		case strings.HasPrefix(v.ID, part) && !known:
			ids, lines = append(ids, v.ID), append(lines, line)
		}
	}
	if len(ids) > 0 && len(part) < minID {
		return "", fmt.Errorf("%q is too short for the beginning of an id: give %d characters at least", part, minID)
	}
	switch len(ids) {
	case 1:
		return ids[0], nil
	case 0:
		if len(others) == 0 {
			return "", fmt.Errorf("no version with the id %.64q: no pattern has a key", part)
		}
		return "", fmt.Errorf("no version with the id %.64q: there are %s", part, strings.Join(others, ", "))
	}
	return "", fmt.Errorf("%d ids begin with %q: %s", len(ids), part, strings.Join(lines[:min(len(lines), maxListed)], ", "))
}

// minID is how much of an id has to be given, so that a slip of a key means none.
const minID = 4

// maxListed bounds what an error lists.
const maxListed = 20

// narrowed gives the versions of the pattern that -pattern names, or all.
func narrowed(cmd *cli.Command, all []versionAt) ([]versionAt, error) {
	if !cmd.IsSet("pattern") {
		return all, nil
	}
	meant := slices.DeleteFunc(slices.Clone(all), func(v versionAt) bool { return v.pattern.URI != cmd.String("pattern") })
	if len(meant) == 0 {
		return nil, fmt.Errorf("the pattern %q has no such version", cmd.String("pattern"))
	}
	return meant, nil
}
