package tensorboard

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"modelbook/dl"
)

// Writer writes events to a file, as PyTorch's SummaryWriter. Its methods may be called by several goroutines; the
// first error of writing is that of all later calls.
type Writer struct {
	mu      sync.Mutex
	out     io.Writer
	file    *os.File // that Close closes, or nil
	name    string
	record  []byte
	err     error
	closing bool
}

// now is the clock; tests set it.
var now = time.Now

// files tells those of one second apart.
var files atomic.Int64

// Create makes a new event file in a folder, which is made, too. TensorBoard shows each folder below its --logdir that
// has event files as a run; several files in one folder are the same run.
func Create(dir string) (*Writer, error) {
	if dir == "" {
		return nil, errors.New("tensorboard: Create needs a folder, such as \"logs/first\"")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "localhost"
	}
	host = strings.Map(func(c rune) rune {
		if c == '/' || c == os.PathSeparator {
			return '-'
		}
		return c
	}, host)
	for {
		name := fmt.Sprintf("events.out.tfevents.%010d.%s.%d.%d.v2", now().Unix(), host, os.Getpid(), files.Add(1)-1)
		file, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("tensorboard: %w", err)
		}
		w, err := NewWriter(file)
		if err != nil {
			file.Close()
			return nil, err
		}
		w.file, w.name = file, file.Name()
		return w, nil
	}
}

// NewWriter writes an event file to out, which stays the caller's to close. Each event is one Write.
func NewWriter(out io.Writer) (*Writer, error) {
	if out == nil {
		return nil, errors.New("tensorboard: NewWriter needs a writer; Create makes a file in a folder")
	}
	w := &Writer{out: out}
	e := event(now(), 0)
	e.text(eventVersion, "brain.Event:2")
	var source message
	source.text(1, "modelbook.dl.train.tensorboard")
	e.bytes(eventSource, source)
	return w, w.write(e)
}

// Name is the path of the file, "" for that of NewWriter.
func (w *Writer) Name() string {
	if w == nil {
		return ""
	}
	return w.name
}

// write writes an event.
func (w *Writer) write(e message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.out == nil:
		return errors.New("tensorboard: the Writer was not made by Create or NewWriter")
	case w.closing:
		return errors.New("tensorboard: the Writer is closed")
	case w.err != nil:
		return w.err
	}
	w.record = appendRecord(w.record[:0], e)
	if _, err := w.out.Write(w.record); err != nil {
		w.err = fmt.Errorf("tensorboard: %w", err)
	}
	return w.err
}

// values writes an event with a summary of values.
func (w *Writer) values(step int, values ...message) error {
	if w == nil {
		return errors.New("tensorboard: the *Writer is nil; Create makes one")
	}
	var summary message
	for _, v := range values {
		summary.bytes(summaryValue, v)
	}
	e := event(now(), step)
	e.bytes(eventSummary, summary)
	return w.write(e)
}

// tagged says whether a tag may be written.
func tagged(tag string) error {
	switch {
	case tag == "":
		return errors.New("tensorboard: the tag is empty: give a name, such as \"loss\"; what stands before a slash groups tags")
	case !utf8.ValidString(tag):
		return fmt.Errorf("tensorboard: the tag %q is no valid UTF-8", tag)
	}
	return nil
}

// Scalar writes a number: a point of the curve of its tag.
func (w *Writer) Scalar(tag string, value float64, step int) error {
	if err := tagged(tag); err != nil {
		return err
	}
	return w.values(step, scalarValue(tag, value))
}

// Histogram writes how the values of a tensor are distributed: see [HistogramOf]. What is not finite is left out; a
// tensor without a finite value is an error.
func (w *Writer) Histogram(tag string, values *dl.Tensor, step int) error {
	if err := tagged(tag); err != nil {
		return err
	}
	if values == nil {
		return errors.New("tensorboard: a histogram of a nil tensor")
	}
	h := HistogramOf(values)
	if h.Count == 0 {
		return fmt.Errorf("tensorboard: a histogram of %q: the tensor %v has no finite value", tag, values.Shape())
	}
	return w.values(step, histogramValue(tag, h))
}

// Text writes a text in Markdown.
func (w *Writer) Text(tag, markdown string, step int) error {
	if err := tagged(tag); err != nil {
		return err
	}
	return w.values(step, textValue(tag, strings.ToValidUTF8(markdown, "\uFFFD")))
}

// Close ends the file.
func (w *Writer) Close() error {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing {
		return nil
	}
	w.closing = true
	if w.file != nil {
		if err := w.file.Close(); err != nil {
			return fmt.Errorf("tensorboard: %w", err)
		}
	}
	return nil
}
