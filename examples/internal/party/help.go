package party

import (
	"fmt"
	"io"
)

const helpHead = `Usage: %[1]s [flags]

%[2]s
Flags:
`

const helpTail = `
Keys: without any, the published sample keys are used, which protect nothing.
The tool makes own ones for both ends, and changes them while the programs run:

  wampbox init -dir keys -pattern com.myapp.encrypted. -match prefix
  %[1]s -keyring keys/%[1]s.json

Or make them at each end, so that no private key travels, here as %[1]s:

  (umask 077; head -c 32 /dev/urandom | base64 > %[1]s.key)
  %[1]s -key-file %[1]s.key -print-public-key

Give the public key that this prints to the other end, then start with both:

  %[1]s -key-file %[1]s.key -peer-key PUBLIC_KEY_OF_THE_OTHER_END

Instead of -key-file, the environment variable %[2]s may hold
the private key. No flag takes it: command lines are visible to others.

Exit status: 0 success, 1 failure, 2 unusable flags or keys.
`

// help is all that -h prints.
func (f *Flags) help(w io.Writer) {
	fmt.Fprintf(w, helpHead, f.Name(), f.about)
	f.SetOutput(w)
	f.PrintDefaults()
	fmt.Fprintf(w, helpTail, f.Name(), PrivateKeyVariable)
}
