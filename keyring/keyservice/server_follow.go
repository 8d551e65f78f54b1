package keyservice

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/passby"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// follower finds out when a folder of grants changes.
type follower struct {
	path         string
	settle, poll time.Duration
	notify       *fsnotify.Watcher // nil while the system gives none
	state        grants.State      // when it was looked at last
	due          bool              // a change hasn't been announced
}

func newFollower(folder *grants.Folder, settle, poll time.Duration) *follower {
	path := folder.Path()
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return &follower{path: path, settle: settle, poll: poll}
}

// follow has the system tell of changes: of the folder, of its members, and of the folder above,
// in which it may be replaced. What it can't tell is found by looking.
func (f *follower) follow() (err error) {
	if f.notify == nil {
		if f.notify, err = fsnotify.NewWatcher(); err != nil {
			return fmt.Errorf("the system tells of no changes, the folder is looked at every %v: %w", f.poll, err)
		}
	}
	for _, path := range []string{f.path, f.membersPath(), filepath.Dir(f.path)} {
		// Each time, since it may be another folder of the same name by now.
		failed := f.notify.Add(path)
		if failed != nil && !errors.Is(failed, fs.ErrNotExist) && !errors.Is(failed, fs.ErrPermission) {
			err = fmt.Errorf("the system tells of no changes in %s, which is looked at every %v: %w", path, f.poll, failed)
		}
	}
	return err
}

func (f *follower) membersPath() string { return filepath.Join(f.path, grants.MembersFolder) }

func (f *follower) close() error {
	if f.notify == nil {
		return nil
	}
	return f.notify.Close()
}

// told gives the channels of what the system tells, nil where it tells nothing.
func (f *follower) told() (<-chan fsnotify.Event, <-chan error) {
	if f.notify == nil {
		return nil, nil
	}
	return f.notify.Events, f.notify.Errors
}

// concerns tells whether a change of a name is of interest: the folder above may have many.
func (f *follower) concerns(name string) bool {
	return name == f.path || filepath.Dir(name) != filepath.Dir(f.path)
}

// look gives whom the folder has grants for, and whether anything in it has changed.
func (f *follower) look(folder *grants.Folder) (names []string, changed bool, err error) {
	names, state, err := folder.Look()
	if err != nil {
		return nil, false, err
	}
	changed = state != f.state
	f.state = state
	return names, changed, nil
}

// looked looks at the folder, and notes what has changed.
func (s *Server) looked(f *follower) {
	names, changed, err := f.look(s.folder)
	switch {
	case err != nil: // it may be on its way
		s.tell(ErrUnavailable, err)
		return
	case changed:
		s.members.replace(names)
		s.told.forget()
		s.counts.failed(nil)
		f.due = true
	}
	now := time.Now()
	switch _, d, err := s.freshKey(now); { // before somebody asks
	case err != nil:
		s.tell(ErrUnavailable, err)
	case d.NotAfter.Sub(now) < d.NotAfter.Sub(d.NotBefore)/4:
		s.tell(ErrEnding, fmt.Errorf("at %s: issue a new one", d.NotAfter.Format(time.RFC3339)))
	}
}

// troubled tells what is wrong with following the folder.
func (s *Server) troubled(err error) {
	if err != nil {
		s.tell(ErrLate, err)
	}
}

// follow announces changes of the folder until the server ends.
func (s *Server) follow(f *follower) {
	poll := time.NewTicker(f.poll)
	defer poll.Stop()
	var quiet, latest <-chan time.Time // both nil, or both set
	s.announce(f)
	for {
		events, errs := f.told()
		select {
		case <-s.ctx.Done():
			return
		case <-s.session.Done():
			s.tell(ErrUnreachable, errors.New("its session has ended"))
			return
		case event := <-events:
			if !f.concerns(event.Name) {
				continue
			}
			quiet = time.After(f.settle)
			if latest == nil {
				latest = time.After(10 * f.settle)
			}
			continue
		case err := <-errs:
			s.troubled(err)
		case <-poll.C:
			if quiet == nil { // what was told just now may be the first of several changes
				quiet, latest = time.After(f.settle), time.After(10*f.settle)
			}
			continue
		case <-quiet:
		case <-latest:
		}
		quiet, latest = nil, nil
		s.troubled(f.follow())
		s.looked(f)
		s.announce(f)
	}
}

// announce tells members that they should ask, where that is due.
func (s *Server) announce(f *follower) {
	if !f.due {
		return
	}
	err := s.session.Publish(s.Prefix+passby.Changed, passby.Options(s.session, s.Prefix), nil, nil)
	if errors.Is(err, transparency.ErrNotConnected) {
		return // it is tried again at the next look
	}
	if err != nil {
		s.tell(ErrLate, err)
		return
	}
	f.due = false
	s.counts.announced()
}
