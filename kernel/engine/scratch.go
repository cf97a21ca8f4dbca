package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// scratchPrefix begins the names of the folders that engines work in. gonbui
// expects "/gonb_" in the path of its pipes.
const scratchPrefix = "gonb_modelbook-"

// A scratch is a folder that an engine works in. The engine holds a lock in
// it, so that the next one can tell the folder of a process that was killed.
type scratch struct {
	dir  string
	lock *os.File
}

// newScratch makes a folder, and removes those of processes that have ended.
func newScratch(temp string) (*scratch, error) {
	old, _ := filepath.Glob(filepath.Join(temp, scratchPrefix+"*", "lock"))
	for _, name := range old {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			continue // another user's
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			os.RemoveAll(filepath.Dir(name))
		}
		f.Close()
	}
	dir, err := os.MkdirTemp(temp, scratchPrefix)
	if err != nil {
		return nil, err
	}
	// The lock is renamed once it is held: until then its folder would look
	// abandoned.
	lock, err := os.Create(filepath.Join(dir, "lock.new"))
	if err == nil {
		if err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err == nil {
			err = os.Rename(lock.Name(), filepath.Join(dir, "lock"))
		}
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("locking %s: %w", dir, err)
	}
	return &scratch{dir, lock}, nil
}

func (s *scratch) remove() error {
	defer s.lock.Close()
	return os.RemoveAll(s.dir)
}
