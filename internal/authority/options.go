package authority

import (
	"io"
	"time"
)

// Options say how a folder is opened.
type Options struct {
	// Decrypt and Encrypt read and write the folder's two files, as those of
	// keyfile.WithDecrypter and keyfile.WithEncrypter do. What was read through Decrypt isn't
	// written without Encrypt.
	Decrypt func(io.Reader) (io.Reader, error)
	Encrypt func(io.Writer) (io.WriteCloser, error)

	// LockWait is how long to wait for another process: 10 seconds if it is 0.
	LockWait time.Duration

	// Recovery are the recipients that every grant is encrypted to beside its member, for
	// [Init]: one of X25519 and one that is hybrid at most, as age doesn't mix them in one file.
	Recovery []string

	// step is told what is about to be done to the folders: tests stop there.
	step func(string)
}

// lockWait is how long an operation waits for another one to end.
const lockWait = 10 * time.Second

func (o Options) wait() time.Duration {
	if o.LockWait == 0 {
		return lockWait
	}
	return o.LockWait
}

// at tells of a step.
func (o Options) at(step string) {
	if o.step != nil {
		o.step(step)
	}
}
