package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A started cell runs while others do.
type started struct {
	nb     *notebook
	out    *record
	ended  chan *CellError
	cancel context.CancelFunc
}

// start runs a cell and returns when it has printed the first text.
func (nb *notebook) start(code string) *started {
	nb.t.Helper()
	ctx, cancel := context.WithCancel(nb.t.Context())
	printed := make(chan bool, 1)
	s := &started{nb: nb, out: &record{onText: func() {
		select {
		case printed <- true:
		default:
		}
	}}, ended: make(chan *CellError, 1), cancel: cancel}
	nb.n++
	number := nb.n
	go func() {
		var cellErr *CellError
		errors.As(nb.Execute(ctx, Request{Code: code, Cell: number}, s.out), &cellErr)
		s.ended <- cellErr
	}()
	select {
	case <-printed:
	case err := <-s.ended:
		nb.t.Fatalf("cell %d ends before it prints: %v\n%s", number, err, code)
	case <-time.After(60 * time.Second):
		nb.t.Fatalf("cell %d prints nothing\n%s", number, code)
	}
	return s
}

// end waits for the end of a cell.
func (s *started) end() *CellError {
	s.nb.t.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(60 * time.Second):
		s.nb.t.Fatal("a cell does not end")
		return nil
	}
}

// prints waits for the end of a cell, which must be a good one, and compares
// what it printed.
func (s *started) prints(stdout string) {
	s.nb.t.Helper()
	if err := s.end(); err != nil {
		s.nb.t.Errorf("it fails: %v\n%s", err, plainText(strings.Join(err.Traceback, "\n")))
	}
	if got, stderr := s.out.text(); got != stdout {
		s.nb.t.Errorf("it prints %q, want %q; stderr %q", got, stdout, stderr)
	}
}

// fails waits for the end of a cell, which must be an error of this name.
func (s *started) fails(name string, texts ...string) {
	s.nb.t.Helper()
	err := s.end()
	if err == nil || err.Name != name {
		s.nb.t.Fatalf("error %v, want %s", err, name)
	}
	for _, text := range texts {
		if trace := plainText(strings.Join(err.Traceback, "\n")); !strings.Contains(trace, text) {
			s.nb.t.Errorf("traceback lacks %q:\n%s", text, trace)
		}
	}
}

// A cell is compiled and runs while another one runs: it sees and changes the
// same variables, and each has its own output.
func TestTwoCellsAtTheSameTime(t *testing.T) {
	nb := open(t)
	nb.run("next := make(chan int)\nn := 1\nfunc say() string { return \"old\" }")
	a := nb.start("fmt.Println(\"a1\", say())\nm := <-next\nfmt.Println(\"a2\", m, n, say())\ngo func() { fmt.Fprintln(os.Stderr, \"goroutine of a\"); next <- 5 }()\n<-next\n\"A\"")
	out := nb.run("fmt.Println(\"b1\")\nn = 2\nnext <- 3\nn\n")
	if out.stdout != "b1\n" || out.stderr != "" || !slices.Equal(out.results, []string{"2"}) {
		t.Errorf("b prints %q and %q and shows %q", out.stdout, out.stderr, out.results)
	}
	a.prints("a1 old\na2 3 2 old\n")
	if _, stderr := a.out.text(); stderr != "goroutine of a\n" || !slices.Equal(a.out.results, []string{`"A"`}) {
		t.Errorf("a prints %q and shows %q", stderr, a.out.results)
	}
	// What the first cell makes is there, and functions can be redefined.
	b := nb.start("fmt.Println(say())\n<-next\nfmt.Println(say())")
	nb.run("func say() string { return \"new\" }")
	nb.run("next <- 0")
	b.prints("old\nold\n") // what runs keeps the functions that it was compiled with
	nb.shows("m + n", "5")
	nb.shows("say()", `"new"`)
}

// A loop at the top of a cell sees what another cell assigns meanwhile, as a loop
// over variables of a package does.
func TestALoopSeesWhatAnotherCellAssigns(t *testing.T) {
	nb := open(t)
	nb.run("rate, step, more := 0.5, 0, []int{1}\nfunc train(r float64) { time.Sleep(time.Millisecond) }")
	for _, loop := range []string{
		"for rate > 0 { time.Sleep(time.Millisecond) }",
		"for rate > 0 { train(rate); step++ }",
		"for ctx.Err() == nil && rate > 0 { for range 3 { step++ } }",
		"for len(more) > 0 { <-time.After(time.Millisecond) }",
		"for rate > 0 { select { case <-time.After(time.Millisecond): default: } }",
	} {
		nb.run("rate, more = 0.5, []int{1}")
		s := nb.start("fmt.Print(\"begin \")\n" + loop + "\nfmt.Print(\"end\")")
		nb.run("rate, more = 0, nil")
		s.prints("begin end")
	}
}

// However fast they write, text and displays of two cells stay apart, whole
// characters, and in order.
func TestOutputOfTwoCellsIsKeptApart(t *testing.T) {
	nb := open(t)
	nb.run("both := make(chan bool)\nvar wait sync.WaitGroup\nwait.Add(2)")
	const lines = 300
	code := func(name string) string {
		return fmt.Sprintf(`fmt.Print("begin\n")
wait.Done()
wait.Wait()
for i := range %d {
	fmt.Printf("%s%%d\n", i)
	gonbui.DisplayHTML(fmt.Sprintf("%s%%d", i))
	for _, b := range []byte("é") {
		os.Stderr.Write([]byte{b})
	}
}
gonbui.UpdateHTML("shared", "%s")
"%s"`, lines, name, name, name, name)
	}
	a := nb.start(code("a"))
	b := nb.start(code("b"))
	for name, s := range map[string]*started{"a": a, "b": b} {
		want := "begin\n"
		for i := range lines {
			want += fmt.Sprintf("%s%d\n", name, i)
		}
		s.prints(want)
		if _, stderr := s.out.text(); stderr != strings.Repeat("é", lines) {
			t.Errorf("%s: stderr is %q", name, stderr)
		}
		if !slices.Equal(s.out.results, []string{strconv.Quote(name)}) {
			t.Errorf("%s shows %q", name, s.out.results)
		}
		if len(s.out.displays) != lines+1 {
			t.Fatalf("%s has %d displays, want %d", name, len(s.out.displays), lines+1)
		}
		for i, d := range s.out.displays[:lines] {
			if got := d.Data["text/html"]; got != fmt.Sprintf("%s%d", name, i) {
				t.Fatalf("%s: display %d is %v", name, i, got)
			}
		}
	}
	// Afterwards a cell is alone again.
	nb.prints("fmt.Print(1)\ngonbui.DisplayHTML(\"x\")\nfmt.Print(2)", "12")
}

// What other processes write belongs to the cell that was opened last. It comes by another way than what the cell prints, and may
// be a little later.
func TestOutputOfProcessesWhileTwoCellsRun(t *testing.T) {
	nb := open(t)
	nb.run("next := make(chan bool)")
	a := nb.start("fmt.Println(\"a\")\n<-next\necho := exec.Command(\"echo\", \"child\")\necho.Stdout = os.Stdout\necho.Run()\nfmt.Println(\"a\")\nnext <- true")
	b := nb.start("fmt.Println(\"b\")\nnext <- true\n<-next\nfmt.Println(\"b\")")
	a.prints("a\na\n")
	if err := b.end(); err != nil {
		t.Error(err)
	}
	stdout, _ := b.out.text()
	if rest := strings.Replace(stdout, "child\n", "", 1); rest != "b\nb\n" || rest == stdout {
		t.Errorf("it prints %q, want that of the child among b, b", stdout)
	}
}

func TestInterruptOfCellsAtTheSameTime(t *testing.T) {
	nb := open(t)
	nb.run("kept := 1\nfunc spin() { for { } }")
	a := nb.start("fmt.Println(\"a\")\nspin()")
	b := nb.start("fmt.Println(\"b\")\nspin()")
	c := nb.start("fmt.Println(\"c\")\n<-ctx.Done()\nfmt.Println(\"end\")")
	// One of them.
	a.cancel()
	a.fails("Interrupted")
	select {
	case err := <-b.ended:
		t.Fatalf("the other cell ends, too: %v", err)
	case err := <-c.ended:
		t.Fatalf("the other cell ends, too: %v", err)
	case <-time.After(500 * time.Millisecond):
	}
	nb.shows("kept", "1")
	// All that run.
	b.cancel()
	c.cancel()
	b.fails("Interrupted")
	c.prints("c\nend\n")
	nb.shows("kept", "1")
	// One that waits for its turn.
	nb.turn.take(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := nb.tryContext(ctx, "kept = 2")
	nb.turn.give()
	if err == nil || err.Name != "Interrupted" {
		t.Errorf("got %v", err)
	}
	nb.shows("kept", "1")
}

func TestErrorsOfCellsAtTheSameTime(t *testing.T) {
	nb := open(t)
	nb.run("next := make(chan bool)")
	a := nb.start("fmt.Println(\"a\")\nx := 1\n<-next\ny := 2\nfmt.Println(x + y)")
	nb.fails("z := 3\npanic(\"of b\")", "Panic", "of b")
	nb.fails("_, err := os.Open(\"/no/such\")", "fs.PathError", "no such file")
	nb.fails("os.Exit(3)", "ExitError", "3")
	nb.fails("undefined()", "CompileError", "undefined")
	nb.fails("func down(n int) int { return down(n+1) + 1 }\ndown(0)", "Panic", "stack overflow")
	out := nb.run("go func() { panic(\"of a goroutine\") }()\ntime.Sleep(100 * time.Millisecond)\nw := 4")
	if !strings.Contains(out.stderr, "of a goroutine") {
		t.Errorf("stderr of the cell whose goroutine panics: %q", out.stderr)
	}
	nb.run("next <- true")
	a.prints("a\n3\n")
	nb.shows("x + y + w", "7")
	// The error of the cell that began first comes while the other one runs.
	a = nb.start("v := 1\nfmt.Println(v)\n<-next\nu := []int{}[v]\n")
	b := nb.start("fmt.Println(\"b\")\n<-next\nfmt.Println(\"end\")")
	nb.run("next <- true")
	a.fails("Panic", "index out of range")
	nb.shows("v", "1")
	nb.fails("u", "CompileError", "its statement (cell[")
	nb.run("next <- true")
	b.prints("b\nend\n")
}

// A map that a cell writes all the time is shown by another one, and by the
// variable view.
func TestLookingAtWhatARunningCellChanges(t *testing.T) {
	nb := open(t)
	nb.run("m := map[int]int{}\nhistory := []float64{1}")
	a := nb.start("fmt.Println(\"a\")\nfor i := 0; ctx.Err() == nil; i++ {\n\tm[i%100] = i\n\thistory = append(history, 0.5)\n}")
	for range 5 {
		if out := nb.run("m"); len(out.results) != 1 || !strings.Contains(out.results[0], "key") {
			t.Errorf("shows %.200q", out.results)
		}
		if out := nb.run("%whos"); len(out.displays) != 1 || !strings.Contains(fmt.Sprint(out.displays[0].Data["text/plain"]), "history") {
			t.Errorf("%%whos shows %v", out.displays)
		}
		parts, err := nb.Inspect()
		if err != nil || len(parts) != 2 {
			t.Errorf("got %v, %v", parts, err)
		}
		if _, err := nb.Rich("m"); err != nil {
			t.Errorf("rich: %v", err)
		}
	}
	if page, ok := nb.Document("history", 3, false); !ok || !strings.Contains(page.Plain, "[]float64") {
		t.Errorf("got %v, %v", page, ok)
	}
	a.cancel()
	a.end()
	nb.shows("len(m)", "100")
}

func TestTheWorkerDiesWhileTwoCellsRun(t *testing.T) {
	nb := open(t)
	nb.run("type T struct{ A int }\nkept := T{1}")
	a := nb.start("fmt.Println(\"a\")\ntime.Sleep(time.Hour)")
	b := nb.start("fmt.Println(\"b\")\ntime.Sleep(200 * time.Millisecond)\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)\ntime.Sleep(time.Hour)")
	a.fails("WorkerDied", "These variables are lost: kept")
	b.fails("WorkerDied", "These variables are lost: kept")
	nb.shows("T{2}", "T{A: 2}")
	nb.fails("kept", "CompileError", "it was lost")
}

func TestResetAndRestartWhileACellRuns(t *testing.T) {
	nb := open(t)
	nb.run("next := make(chan int, 1)\nvalues := []int{1, 2, 3}")
	a := nb.start("fmt.Println(\"a\")\nfor range 1000 {\n\tfor i := range values { values[i]++ }\n\ttime.Sleep(time.Millisecond)\n}\nfmt.Println(values[0], len(values))")
	nb.run("%reset")
	nb.fails("values", "CompileError", "undefined: values")
	nb.run("values := \"a name that is used again\"")
	a.prints("a\n1001 3\n") // what a running cell uses is not taken from it
	nb.shows("values", `"a name that is used again"`)

	a = nb.start("fmt.Println(\"a\")\ntime.Sleep(time.Hour)")
	nb.run("%restart")
	a.fails("WorkerDied", "ended by a restart")
	nb.shows("1 + 1", "2")

	a = nb.start("fmt.Println(\"a\")\ntime.Sleep(time.Hour)")
	b := nb.start("fmt.Println(\"b\")\ntime.Sleep(time.Hour)")
	if err := nb.Restart(); err != nil {
		t.Error(err)
	}
	a.fails("WorkerDied")
	b.fails("WorkerDied")
	nb.shows("1 + 1", "2")
	nb.start("fmt.Println(\"a\")\ntime.Sleep(time.Hour)") // and the engine is closed
}

// Cells that read standard input at the same time get the answers to their own
// questions, however slowly the first one reads, and whatever it does not read.
func TestQuestionsOfCellsAtTheSameTime(t *testing.T) {
	for name, c := range map[string]struct{ reads, answer, gets string }{
		"a line":              {"var line string\nfmt.Scanln(&line)", "one", "one"},
		"a byte now and then": {"var line []byte\nfor c := make([]byte, 1); c[0] != '\\n'; line = append(line, c[0]) {\n\tos.Stdin.Read(c)\n\ttime.Sleep(20 * time.Millisecond)\n}\nline = bytes.TrimSpace(line)", "three four", "three four"},
		"not all of it":       {"line := make([]byte, 1)\nos.Stdin.Read(line)\ntime.Sleep(100 * time.Millisecond)", "five", "f"},
	} {
		t.Run(name, func(t *testing.T) {
			nb := open(t)
			ask := func(name, reads string) (*asker, chan error) {
				out := &asker{answer: make(chan string, 1), asked: make(chan string, 1), ctx: t.Context()}
				ended := make(chan error, 1)
				nb.n++
				number := nb.n
				go func() {
					ended <- nb.Execute(t.Context(), Request{Code: "%%\n" + reads + "\nfmt.Printf(\"" + name + " gets %s\\n\", line)", Cell: number}, out)
				}()
				return out, ended
			}
			within := func(what string, out *asker, ended chan error) {
				t.Helper()
				select {
				case <-out.asked:
					if ended != nil {
						t.Fatal(what)
					}
				case err := <-ended:
					if err != nil {
						t.Error(err)
					}
				case <-time.After(30 * time.Second):
					t.Fatal(what)
				}
			}
			a, aEnded := ask("a", c.reads)
			within("the first cell does not ask", a, nil)
			b, bEnded := ask("b", "var line string\nfmt.Scanln(&line)")
			select {
			case <-b.asked:
				t.Fatal("the second cell asks, and the first one reads")
			case <-time.After(time.Second):
			}
			a.answer <- c.answer
			within("the first cell asks again", a, aEnded)
			within("the second cell does not ask", b, nil)
			b.answer <- "two"
			within("the second cell asks again", b, bEnded)
			for want, out := range map[string]*asker{"a gets " + c.gets + "\n": a, "b gets two\n": b} {
				if got, _ := out.text(); got != want {
					t.Errorf("it prints %q, want %q", got, want)
				}
			}
		})
	}
}

// Package testing can run one set of tests at a time: the second one waits.
func TestTestsOfTwoCells(t *testing.T) {
	nb := open(t)
	code := func(name string) string {
		return fmt.Sprintf("%%test -v -run %s\nfunc Test%s(t *testing.T) { fmt.Println(\"in %s\"); time.Sleep(300 * time.Millisecond) }", name, name, name)
	}
	a := nb.start(code("First"))
	b := nb.run(code("Second"))
	if err := a.end(); err != nil {
		t.Error(err)
	}
	first, _ := a.out.text()
	for name, text := range map[string]string{"First": first, "Second": b.stdout} {
		if !strings.Contains(text, "in "+name) || !strings.Contains(text, "--- PASS: Test"+name) || strings.Contains(text, map[string]string{"First": "Second", "Second": "First"}[name]) {
			t.Errorf("the tests of %s print %q", name, text)
		}
	}
}
