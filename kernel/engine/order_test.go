package engine

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// inOrder writes everything that a cell puts out into one text.
type inOrder struct {
	record
	mu  sync.Mutex
	all strings.Builder
}

func (o *inOrder) write(s string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all.WriteString(s)
}

func (o *inOrder) Stream(name, text string) { o.write(text) }
func (o *inOrder) Display(d Display)        { o.write(fmt.Sprintln(d.Data["text/html"])) }
func (o *inOrder) Result(d Display)         { o.write(fmt.Sprintln(d.Data["text/plain"])) }

// Text, displays and values go to the kernel on three ways and arrive in the
// order in which the cell made them.
func TestOutputInOrder(t *testing.T) {
	e := newEngine(t)
	run := func(cell int, code string) string {
		out := &inOrder{}
		if err := e.Execute(t.Context(), Request{Code: code, Cell: cell}, out); err != nil {
			t.Fatal(err)
		}
		return out.all.String()
	}
	want := ""
	for i := range 300 {
		want += fmt.Sprintf("before %d\nshown %d\nbetween %d\nlogged %d\nshown again %d\n", i, i, i, i, i)
	}
	got := run(1, `import ("fmt"; "os"; "github.com/janpfeifer/gonb/gonbui")
for i := range 300 {
	fmt.Printf("before %d\n", i)
	gonbui.DisplayHTML(fmt.Sprintf("shown %d", i))
	fmt.Printf("between %d\n", i)
	fmt.Fprintf(os.Stderr, "logged %d\n", i)
	gonbui.DisplayHTML(fmt.Sprintf("shown again %d", i))
}`)
	if got != want {
		t.Errorf("text and displays, from where they part:\n%s", parted(got, want))
	}
	for cell := range 30 {
		got := run(cell+2, `defer fmt.Println("text after")
defer gonbui.DisplayHTML("shown after")
fmt.Println("text before")
gonbui.DisplayHTML("shown before")
6 * 7`)
		if want := "text before\nshown before\n42\nshown after\ntext after\n"; got != want {
			t.Errorf("round a value:\n%s", got)
		}
	}
}

// parted is got from shortly before it differs from want.
func parted(got, want string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	return got[max(0, i-40):min(len(got), i+120)]
}
