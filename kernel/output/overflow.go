package output

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

const (
	// maxFile is the text of one cell kept in a file when it is too much to
	// show.
	maxFile = 1 << 30
	// endOfText is how much of the end of that text is shown when the cell
	// ends.
	endOfText = 4 << 10
)

// An overflow keeps the text of a cell that is too much to show: all of it in a
// file, while that has room, and the end of it.
type overflow struct {
	begun bool
	file  *os.File // nil when nothing more is kept
	size  int      // bytes in the file
	end   []byte
}

// add keeps text, and returns what the user is to be told: where the text is,
// and what of it could not be kept.
func (o *overflow) add(cell int, text string) (notes []string) {
	const much = "more than %d MiB of output; the rest "
	tell := func(format string, args ...any) {
		notes = append(notes, fmt.Sprintf(much+format, append([]any{maxText >> 20}, args...)...))
	}
	if !o.begun {
		o.begun = true
		f, err := os.CreateTemp("", fmt.Sprintf("modelbook-cell%d-*.txt", cell))
		if err != nil {
			tell("is lost: %v", err)
		} else {
			o.file = f
			tell("goes to %s", f.Name())
		}
	}
	o.end = append(o.end, text[max(0, len(text)-endOfText):]...)
	o.end = o.end[max(0, len(o.end)-endOfText):]
	if o.file == nil {
		return notes
	}
	n, err := o.file.WriteString(text[:min(len(text), maxFile-o.size)])
	o.size += n
	if errors.Is(err, syscall.ENOSPC) { // the next cell must find room to be compiled
		o.size /= 2
		o.file.Truncate(int64(o.size))
	}
	switch {
	case err != nil:
		tell("after %d bytes in the file is lost: %v", o.size, err)
	case n < len(text):
		tell("after %d MiB in the file is dropped", maxFile>>20)
	default:
		return notes
	}
	o.file.Close()
	o.file = nil
	return notes
}

// close closes the file and returns the last lines of the text.
func (o *overflow) close() (end string) {
	if o.file != nil {
		o.file.Close()
		o.file = nil
	}
	lines := o.end
	if len(o.end) >= endOfText { // it may begin within a line
		if _, rest, ok := bytes.Cut(o.end, []byte("\n")); ok && len(rest) > 0 {
			lines = rest
		}
	}
	return strings.ToValidUTF8(string(lines), "\uFFFD")
}
