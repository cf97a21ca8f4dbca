package engine

import (
	"context"
	"strings"
	"testing"
	"time"
)

// asker is a front end whose user answers when asked, or never does.
type asker struct {
	record
	answer chan string
	asked  chan string
	ctx    context.Context
}

func (a *asker) Input(prompt string, password bool) (string, error) {
	a.asked <- prompt
	select {
	case line := <-a.answer:
		return line, nil
	case <-a.ctx.Done():
		return "", a.ctx.Err()
	}
}

func TestReadingAsksTheUser(t *testing.T) {
	nb := open(t)
	out, err := nb.tryInto(context.Background(), `var name string
fmt.Print("name? ")
fmt.Scanln(&name)
more, err := bufio.NewReader(os.Stdin).ReadString('\n')
fmt.Printf("%s and %q, %v\n", name, more, err)`, &record{answers: []string{"Rob", "x y"}})
	if err != nil || out.stdout != "name? Rob and \"x y\\n\", <nil>\n" {
		t.Errorf("%v, prints %q, stderr %q", err, out.stdout, out.stderr)
	}
	// What a cell leaves unread is not there for the next one, and a front end
	// without a user is an end of file.
	nb.tryInto(context.Background(), "var a string\nfmt.Scan(&a)", &record{answers: []string{"one two"}})
	out = nb.run(`rest, err := io.ReadAll(os.Stdin)
fmt.Printf("%q %v", rest, err)`)
	if out.stdout != `"" <nil>` || !strings.Contains(out.stderr, "no input: nobody is there") {
		t.Errorf("prints %q, stderr %q", out.stdout, out.stderr)
	}
	// The user ends the input with a line of its own.
	for _, end := range []string{"^D", "\x04"} {
		asked := &record{answers: []string{"one", "two", end, "too much"}}
		out, err = nb.tryInto(context.Background(), "all, err := io.ReadAll(os.Stdin)\nfmt.Printf(\"%q %v\", all, err)", asked)
		if err != nil || out.stdout != `"one\ntwo\n" <nil>` || len(asked.answers) != 1 {
			t.Errorf("%v, prints %q, answers left %q", err, out.stdout, asked.answers)
		}
	}
	out, err = nb.tryInto(context.Background(), "n := 0\nfor sc := bufio.NewScanner(os.Stdin); sc.Scan(); {\n\tn++\n}\nn", &record{answers: []string{"a", "b", "^D"}})
	if err != nil || len(out.results) != 1 || out.results[0] != "2" {
		t.Errorf("%v, shows %q", err, out.results)
	}
	// So does a program that reads the cell's input.
	out, err = nb.tryInto(context.Background(), "head := exec.Command(\"head\", \"-n\", \"1\")\nhead.Stdin, head.Stdout = os.Stdin, os.Stdout\nhead.Run()", &record{answers: []string{"to a child"}})
	if err != nil || out.stdout != "to a child\n" {
		t.Errorf("%v, prints %q", err, out.stdout)
	}
	// gonbui's own question is the only one, also when the answer is there before anybody reads.
	nb.tryInto(context.Background(), "fmt.Scan(&a)", &record{answers: []string{"one two three"}})
	early := &record{answers: []string{"Dennis", "nobody asked"}}
	out, err = nb.tryInto(context.Background(), "gonbui.RequestInput(\"? \", false)\ntime.Sleep(300 * time.Millisecond)\nfmt.Scanln(&name)\nname", early)
	if err != nil || len(out.results) != 1 || out.results[0] != `"Dennis"` || len(early.answers) != 1 {
		t.Errorf("%v, shows %q, answers left %q", err, out.results, early.answers)
	}
	asked := &record{answers: []string{"Ken", "nobody asked"}}
	out, err = nb.tryInto(context.Background(), "gonbui.RequestInput(\"? \", false)\nfmt.Scanln(&name)\ntime.Sleep(500 * time.Millisecond)\nname", asked)
	if err != nil || len(out.results) != 1 || out.results[0] != `"Ken"` || len(asked.answers) != 1 {
		t.Errorf("%v, shows %q, answers left %q", err, out.results, asked.answers)
	}
}

// An interrupted question takes no answer from the next one, and what stands
// behind a wait does not run in a later cell.
func TestInterruptedWhileItWaits(t *testing.T) {
	nb := open(t)
	nb.run("name := \"\"")
	for _, read := range []string{"fmt.Scanln(&name)", "gonbui.RequestInput(\"? \", false)\nfmt.Scanln(&name)"} {
		ctx, cancel := context.WithCancel(context.Background())
		a := &asker{answer: make(chan string, 1), asked: make(chan string, 9), ctx: ctx}
		go func() { <-a.asked; cancel() }()
		nb.n++
		err := nb.Execute(ctx, Request{Code: read + "\nfmt.Println(\"too late\", name)", Cell: nb.n}, a)
		if err == nil || !strings.HasPrefix(err.Error(), "Interrupted") || strings.Contains(err.Error(), "blocked") || a.stdout != "" {
			t.Errorf("%s: %v, prints %q", read, err, a.stdout)
		}
		b := &asker{answer: make(chan string, 1), asked: make(chan string, 9), ctx: context.Background()}
		b.answer <- "fresh"
		nb.n++
		if err := nb.Execute(b.ctx, Request{Code: read + "\nfmt.Println(name)", Cell: nb.n}, b); err != nil || b.stdout != "fresh\n" {
			t.Errorf("%s: the next cell: %v, prints %q", read, err, b.stdout)
		}
	}
	nb.run("func wait() { time.Sleep(4 * time.Second); fmt.Println(\"too late\") }\nslept := false")
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	out, err := nb.tryContext(ctx, "if true {\n\twait()\n\tfmt.Println(\"much too late\")\n}\nslept = true")
	if err == nil || err.Name != "Interrupted" {
		t.Fatalf("%v, prints %q", err, out.stdout)
	}
	nb.prints("time.Sleep(5 * time.Second)\nfmt.Println(slept)", "false\n")
}
