package output

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// texts records what a reader hands on.
type texts struct {
	mu   sync.Mutex
	text string
}

func (x *texts) add(stream, text string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.text += stream[3:] + ":" + text + "|"
}

func (x *texts) get() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text
}

// open starts a reader of stdout and stderr. read waits for the end of both.
func open(t *testing.T) (r *Reader, got *texts, ends [2]*os.File, read func()) {
	t.Helper()
	got = &texts{}
	r = NewReader(got.add)
	for i, name := range []string{"stdout", "stderr"} {
		w, err := r.Pipe(name)
		if err != nil {
			t.Fatal(err)
		}
		ends[i] = w
		t.Cleanup(func() { w.Close() })
	}
	done := make(chan struct{})
	go func() { defer close(done); r.Read() }()
	return r, got, ends, func() {
		t.Helper()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatal("the reader goes on")
		}
	}
}

func TestReaderHandsOnWholeCharacters(t *testing.T) {
	r, got, ends, read := open(t)
	text := "a" + strings.Repeat("é", 3)
	for i := range len(text) {
		ends[0].WriteString(text[i : i+1])
		time.Sleep(time.Millisecond)
	}
	r.Flush()
	if s := strings.ReplaceAll(strings.ReplaceAll(got.get(), "out:", ""), "|", ""); s != text {
		t.Errorf("got %q, want %q", s, text)
	}
	ends[0].WriteString("end\xc3")
	ends[0].Close()
	ends[1].Close()
	read()
	if !strings.HasSuffix(got.get(), "end|out:\uFFFD|") {
		t.Errorf("at the end %q", got.get())
	}
}

// What was printed first comes first, whichever stream it went to.
func TestStreamsKeepTheirOrder(t *testing.T) {
	_, got, ends, read := open(t)
	var want string
	for i := range 40 {
		ends[i%2].WriteString("x")
		want += []string{"out", "err"}[i%2] + ":x|"
		for strings.Count(got.get(), "x") <= i { // the next is printed a little later
			time.Sleep(50 * time.Microsecond)
		}
	}
	ends[0].Close()
	ends[1].Close()
	read()
	if got.get() != want {
		t.Errorf("got %s\nwant %s", got.get(), want)
	}
}

// Flush hands on all that was written before it was called, also what Read has
// not seen.
func TestFlush(t *testing.T) {
	r, got, ends, _ := open(t)
	for i := range 100 {
		text := strings.Repeat("y", i*600) // less than a pipe holds
		ends[0].WriteString(text + "z")
		r.Flush()
		if n := strings.Count(got.get(), "z"); n != i+1 {
			t.Fatalf("after %d writes %d are handed on", i+1, n)
		}
	}
}

// After Mute nothing is handed on, but a process can write as much as it wants.
// After Close Read ends, though the streams go on.
func TestMuteAndClose(t *testing.T) {
	r, got, ends, read := open(t)
	ends[0].WriteString("before")
	r.Flush()
	r.Mute()
	if _, err := ends[0].WriteString(strings.Repeat("after", 10*pipeSize)); err != nil {
		t.Error(err)
	}
	r.Flush()
	r.Close()
	read()
	if got.get() != "out:before|" {
		t.Errorf("got %q", got.get())
	}
}
