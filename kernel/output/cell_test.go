package output

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// shown records what is published.
type shown struct {
	mu  sync.Mutex
	all []string
}

func (s *shown) add(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, fmt.Sprintf(format, args...))
}
func (s *shown) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}
func (s *shown) Stream(name, text string)     { s.add("%s %s", name, text) }
func (s *shown) Display(d Display)            { s.add("display %v", d.Data["text/plain"]) }
func (s *shown) Result(d Display)             { s.add("result %v", d.Data["text/plain"]) }
func (s *shown) Clear(wait bool)              { s.add("clear %v", wait) }
func (s *shown) Update(d Display, ended bool) { s.add("update %v %v", d.Data["text/plain"], ended) }

func plain(v any) Display { return Display{Data: map[string]any{"text/plain": v}} }

func updated(id string, v any) Display {
	return Display{ID: id, Update: true, Data: map[string]any{"text/plain": v}}
}

// Text is joined, and stands where it was written among displays.
func TestTextAndDisplaysKeepTheirOrder(t *testing.T) {
	to := &shown{}
	c := NewCell(to, 1, &Late{})
	c.Stream("stdout", "a")
	c.Stream("stdout", "b")
	c.Stream("stderr", "c")
	c.Stream("stdout", "d")
	c.Display(plain(1))
	c.Stream("stdout", "e")
	c.Result(plain(2))
	c.Stream("stdout", "f")
	c.Close()
	if got, want := to.take(), []string{"stdout ab", "stderr c", "stdout d", "display 1", "stdout e", "result 2", "stdout f"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A test may be held up in the middle for longer than text waits: here it waits for long.
func TestMain(m *testing.M) {
	joinFor = 2 * time.Second
	os.Exit(m.Run())
}

// Text that was not shown before a Clear is not shown at all. What follows is.
func TestClear(t *testing.T) {
	to := &shown{}
	c := NewCell(to, 1, &Late{})
	for i := range 100 {
		c.Clear(true)
		c.Stream("stdout", fmt.Sprint("frame ", i))
	}
	c.Close()
	if got, want := to.take(), []string{"clear true", "stdout frame 99"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Text waits for more of it, but not for long, and not when there is much.
func TestTextWaitsForAWhile(t *testing.T) {
	to := &shown{}
	c := NewCell(to, 1, &Late{})
	c.Stream("stdout", "little")
	if got := to.take(); len(got) > 0 {
		t.Errorf("at once: %q", got)
	}
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(joinFor / 10) {
		if got := to.take(); len(got) > 0 {
			if !slices.Equal(got, []string{"stdout little"}) {
				t.Errorf("got %q", got)
			}
			break
		}
		if time.Now().After(until) {
			t.Fatal("the text is not published")
		}
	}
	c.Stream("stdout", strings.Repeat("x", joinUpTo))
	if got := to.take(); len(got) != 1 {
		t.Errorf("of much text: %d messages at once", len(got))
	}
	c.Close()
}

// Many updates become few, the last of each display among them; those that run
// scripts are all there.
func TestUpdates(t *testing.T) {
	to := &shown{}
	c := NewCell(to, 1, &Late{})
	const n = 1000
	for i := range n {
		c.Display(updated("a", i))
		c.Display(updated("b", i))
	}
	c.Close()
	got := to.take()
	if last := fmt.Sprintf("update %d false", n-1); !slices.Equal(got[len(got)-2:], []string{last, last}) {
		t.Errorf("the last updates: %q", got)
	}
	if len(got) > 20 {
		t.Errorf("%d updates", len(got))
	}
	c = NewCell(to, 1, &Late{})
	for i := range n {
		c.Display(updated(fmt.Sprint(i), i)) // each another display
	}
	if got := len(to.take()); got < maxUpdates || got > 5*maxUpdates {
		t.Errorf("%d displays are updated at once", got)
	}
	c.Close()
	if got := to.take(); len(got) < n-5*maxUpdates {
		t.Errorf("%d displays are updated at the end", len(got))
	}
	for range 2 * maxUpdates {
		c.Display(Display{ID: "s", Update: true, Data: map[string]any{"text/html": "<script>f()</script>"}})
	}
	if got := to.take(); len(got) != 2*maxUpdates || got[0] != "update <nil> true" {
		t.Errorf("%d scripts are run, after the end: %q", len(got), got[:min(1, len(got))])
	}
}

// Text over the limit goes to a file; its end is shown when the cell ends. The
// limit cuts no character.
func TestOverflow(t *testing.T) {
	to := &shown{}
	c := NewCell(to, 7, &Late{})
	c.Stream("stdout", strings.Repeat("x", maxText-1)+"é")
	c.Stream("stdout", strings.Repeat("line\n", 10_000))
	c.Close()
	got := to.take()
	text, notes := "", ""
	for _, s := range got {
		stream, s, _ := strings.Cut(s, " ")
		if stream == "stdout" {
			text += s
		} else {
			notes += s
		}
	}
	_, rest, _ := strings.Cut(notes, "the rest goes to ")
	path, _, _ := strings.Cut(rest, "]")
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; the notes: %s", err, notes)
	}
	defer os.Remove(path)
	if text != strings.Repeat("x", maxText-1) || string(kept) != "é"+strings.Repeat("line\n", 10_000) {
		t.Errorf("%d bytes are shown, %d in the file", len(text), len(kept))
	}
	if _, end, _ := strings.Cut(notes, "the end of the output:]\n"); !strings.HasPrefix(end, "line\n") || len(end) < endOfText/2 {
		t.Errorf("the notes: %s", notes)
	}
}

// A file that cannot be made is told of once, and the end of the text is shown.
func TestOverflowWithoutAFile(t *testing.T) {
	t.Setenv("TMPDIR", "/no/such/folder")
	to := &shown{}
	c := NewCell(to, 7, &Late{})
	c.Stream("stdout", strings.Repeat("x", maxText))
	c.Stream("stdout", "a\n")
	c.Stream("stdout", "b\n")
	c.Close()
	all := strings.Join(to.take(), "")
	if strings.Count(all, "the rest is lost") != 1 || !strings.HasSuffix(all, "the end of the output:]\nstderr a\nb\n") {
		t.Errorf("the notes: %s", strings.Trim(all, "x"))
	}
}

// Between cells, output belongs to the cell that ended last. While cells run, it
// belongs to the one that began last.
func TestLate(t *testing.T) {
	var late Late
	first, second, third := &shown{}, &shown{}, &shown{}
	a, b := NewCell(first, 1, &late), NewCell(second, 2, &late)
	late.Begin(a)
	late.Begin(b)
	late.End(a)
	a.Close()
	a.Stream("stdout", "of a")
	b.Flush()
	if got := second.take(); !slices.Equal(got, []string{"stdout of a"}) {
		t.Errorf("while another cell runs: %q", got)
	}
	late.End(b)
	b.Close()
	a.Stream("stdout", "at once")
	c := NewCell(third, 3, &late)
	late.Begin(c)
	late.End(c)
	c.Close()
	if got := third.take(); !slices.Equal(got, []string{"stdout at once"}) {
		t.Errorf("the next cell begins at once: %q", got)
	}
	a.Display(plain("later"))
	var got []string
	for until := time.Now().Add(10 * time.Second); len(got) == 0 && time.Now().Before(until); time.Sleep(time.Millisecond) {
		got = third.take()
	}
	if !slices.Equal(got, []string{"display later"}) {
		t.Errorf("after the last cell: %q", got)
	}
	if all := append(first.take(), second.take()...); len(all) > 0 {
		t.Errorf("published elsewhere: %q", all)
	}
}

// What waits between cells is bounded.
func TestLateIsBounded(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var late Late
	to := &shown{}
	c := NewCell(to, 1, &late)
	text := strings.Repeat("x", 1<<20)
	late.Begin(c)
	late.End(c)
	c.Close()
	for range 10 {
		c.Stream("stdout", text)
	}
	next := NewCell(to, 2, &late)
	late.Begin(next)
	next.Close()
	all := strings.Join(to.take(), "")
	if !strings.Contains(all, fmt.Sprintf("%d bytes more between the cells", 7<<20)) {
		t.Errorf("told: %s", strings.ReplaceAll(all, "x", ""))
	}
}

// Output from many goroutines, while cells begin and end, loses nothing.
func TestOutputWhileCellsEnd(t *testing.T) {
	var late Late
	to := &shown{}
	cells := make([]*Cell, 20)
	for i := range cells {
		cells[i] = NewCell(to, i, &late)
	}
	late.Begin(cells[0])
	const writers, n = 4, 200
	var writing sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for i := range n {
				cells[i%len(cells)/2].Stream("stdout", "x")
				time.Sleep(50 * time.Microsecond)
			}
		})
	}
	for i := range cells[1:] {
		late.End(cells[i])
		cells[i].Close()
		late.Begin(cells[i+1])
	}
	writing.Wait()
	for _, c := range cells {
		c.Close()
	}
	if got := strings.Count(strings.Join(to.take(), ""), "x"); got != writers*n {
		t.Errorf("%d writes are published, want %d", got, writers*n)
	}
	if len(late.put) > 0 {
		t.Errorf("%d wait", len(late.put))
	}
}

// What functions of a cell's widgets print stays the cell's, whatever runs.
func TestTextAfterTheCell(t *testing.T) {
	first, second, late := &shown{}, &shown{}, &Late{}
	a, b := NewCell(first, 1, late), NewCell(second, 2, late)
	late.Begin(a)
	if late.Latest() != a {
		t.Error("the cell that runs is not the latest")
	}
	a.Stream("stdout", "a")
	a.After("stdout", "b")
	late.End(a)
	a.Close()
	if late.Latest() != a {
		t.Error("the cell that ended last is not the latest")
	}
	late.Begin(b)
	a.After("stdout", "c")
	b.Stream("stdout", "d")
	a.After("stdout", "e")
	late.End(b)
	b.Close()
	var got []string
	for until := time.Now().Add(10 * time.Second); len(got) < 2 && time.Now().Before(until); time.Sleep(time.Millisecond) {
		got = append(got, first.take()...)
	}
	if want := []string{"stdout ab", "stdout ce"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := second.take(), []string{"stdout d"}; !slices.Equal(got, want) {
		t.Errorf("the other cell: got %q, want %q", got, want)
	}
}
