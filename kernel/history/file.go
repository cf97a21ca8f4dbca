package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/google/renameio/v2"
)

// A file has one JSON object on each line: one for each cell and one, without a
// cell, for the beginning of each session. Lines that cannot be read are skipped,
// so a line that was written in part because the disk was full costs only that
// line. Writers lock a second file, because the first may be replaced.
type file struct{ path string }

const (
	maxFile   = 8 << 20  // bytes; a larger file loses its older half
	maxLine   = 1 << 20  // bytes of one cell
	maxOutput = 16 << 10 // bytes of a result that are kept
	lockFor   = 2 * time.Second

	maxSession = 1 << 40 // a larger number means that the file is damaged
)

// append adds a cell.
func (f *file) append(e Entry) error {
	if len(e.Output) > maxOutput {
		e.Output = strings.ToValidUTF8(e.Output[:maxOutput], "") + "..."
	}
	line, err := encode(e)
	if err != nil {
		return err
	}
	if len(line) > maxLine {
		return nil // no console would ever show it again
	}
	unlock, err := f.lock()
	if err != nil {
		return err
	}
	defer unlock()
	return f.add(line)
}

// reserve records the beginning of a session and returns the number of the last
// one.
func (f *file) reserve() (last int, err error) {
	unlock, err := f.lock()
	if err != nil {
		return 0, err
	}
	defer unlock()
	if err := f.shorten(); err != nil {
		return 0, err
	}
	if err := f.scan(func(e Entry) { last = max(last, e.Session) }); err != nil {
		return 0, err
	}
	line, err := encode(Entry{Session: last + 1})
	if err != nil {
		return last, err
	}
	return last, f.add(line)
}

func encode(e Entry) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(e)
	return b.Bytes(), err
}

// open opens the file, which only this user may read, and only if it is a regular
// file.
func (f *file) open(flags int) (*os.File, error) {
	opened, err := os.OpenFile(f.path, flags|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	st, err := opened.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", f.path)
	}
	if err == nil && st.Mode().Perm()&0o077 != 0 {
		err = opened.Chmod(0o600)
	}
	if err != nil {
		opened.Close()
		return nil, err
	}
	return opened, nil
}

// add appends a line in one write, after a newline if the last write was cut off.
// If it cannot write the whole line, it removes what it wrote.
func (f *file) add(line []byte) error {
	out, err := f.open(os.O_RDWR | os.O_CREATE | os.O_APPEND)
	if err != nil {
		return err
	}
	defer out.Close()
	size, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if size > 0 {
		var last [1]byte
		if _, err := out.ReadAt(last[:], size-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	if _, err := out.Write(line); err != nil {
		out.Truncate(size)
		return err
	}
	return nil
}

// read returns the cells of the file.
func (f *file) read() (cells []Entry, err error) {
	err = f.scan(func(e Entry) {
		if e.Number > 0 {
			cells = append(cells, e)
		}
	})
	return cells, err
}

// scan calls each with every entry of the file.
func (f *file) scan(each func(Entry)) error {
	in, err := f.open(os.O_RDONLY)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	r := bufio.NewReaderSize(io.LimitReader(in, 4*maxFile), 64<<10)
	for {
		line, err := r.ReadBytes('\n')
		var e Entry
		if len(line) <= maxLine+1 && json.Unmarshal(line, &e) == nil && e.Session > 0 && e.Session < maxSession {
			each(e)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// shorten drops the older half of a file that has become too large.
func (f *file) shorten() error {
	in, err := f.open(os.O_RDONLY)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil || st.Size() <= maxFile {
		return err
	}
	newer := make([]byte, maxFile/2)
	n, err := in.ReadAt(newer, st.Size()-int64(len(newer)))
	if err != nil && err != io.EOF {
		return err
	}
	_, newer, _ = bytes.Cut(newer[:n], []byte("\n"))
	return renameio.WriteFile(f.path, newer, 0o600, renameio.WithTempDir(filepath.Dir(f.path)))
}

// lock makes other kernels wait. A kernel that holds the lock for too long must
// have been suspended; writing without the lock is harmless then, because a line
// is written in one piece.
func (f *file) lock() (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return nil, err
	}
	l, err := os.OpenFile(f.path+".lock", os.O_RDWR|os.O_CREATE|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(lockFor); ; time.Sleep(2 * time.Millisecond) {
		err := syscall.Flock(int(l.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil || time.Now().After(deadline) || !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	return func() { l.Close() }, nil
}
