package operator

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

const (
	// enrolmentLabel begins each enrolment.
	enrolmentLabel = "wampbox-identity-1"
	// maxEnrolments is room for ten thousand members.
	maxEnrolments = 32 << 20
)

// readEnrolments reads the enrolments in a file: any number of them, however they are broken into
// lines. Lines that begin with # are left out.
func (env Env) readEnrolments(path string) ([]keyservice.Enrolment, error) {
	text, err := env.Read(path, maxEnrolments)
	if err != nil {
		return nil, err
	}
	parts, err := enrolmentsOf(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", named(path), err)
	}
	var all []keyservice.Enrolment
	for _, part := range parts {
		e, err := keyservice.ParseEnrolment(part)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", named(path), err)
		}
		all = append(all, e)
	}
	return all, nil
}

func named(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// enrolmentsOf cuts a text into enrolments.
func enrolmentsOf(text []byte) (parts []string, err error) {
	var part []string
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, maxEnrolments)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, word := range strings.Fields(line) {
			if word == enrolmentLabel && len(part) > 0 {
				parts, part = append(parts, strings.Join(part, " ")), nil
			}
			part = append(part, word)
		}
	}
	if len(part) > 0 {
		parts = append(parts, strings.Join(part, " "))
	}
	if len(parts) == 0 {
		return nil, errors.New("there is no enrolment in it: give the line that wampbox identity printed")
	}
	return parts, lines.Err()
}
