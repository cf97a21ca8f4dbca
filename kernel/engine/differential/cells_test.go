package differential

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/engine"
	"modelbook/kernel/prepare"
	"modelbook/kernel/prepare/testhome"
	"modelbook/kernel/toolchain"
)

// A runner runs sequences as cells, in one worker.
type runner struct {
	*engine.Engine
	cells int
}

func newRunner(t *testing.T) (*runner, error) {
	e, err := engine.New(engine.Config{Home: home(t), Dir: t.TempDir()})
	if err != nil {
		return nil, err
	}
	e.SetAutoGet(false)
	r := &runner{Engine: e}
	r.execute("import \"runtime/debug\"\ndebug.SetGCPercent(3)")
	return r, nil
}

func (r *runner) execute(code string) *record {
	r.cells++
	out := &record{}
	r.executeInto(out, code, r.cells)
	return out
}

func (r *runner) executeInto(out *record, code string, number int) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	out.interrupt = cancel
	var cellErr *engine.CellError
	if err := r.Execute(ctx, engine.Request{Code: code, Cell: number}, out); errors.As(err, &cellErr) {
		if cellErr.Name == "CompileError" {
			out.add("! it does not compile\n")
		} else {
			out.add("! " + cellErr.Value + "\n")
		}
		out.failed = cellErr
	}
}

// A difference is where a sequence first differs.
type difference struct {
	*sequence
	cell int // index
	what string
	out  *record
	want map[string]string
}

// String is the sequence up to the difference, as a table of its cells.
func (d *difference) String() string {
	var b strings.Builder
	b.WriteString(table(d.cells[:d.cell+1]))
	b.WriteString(d.what)
	if d.out.failed != nil {
		b.WriteString("\nerror: " + strings.Join(d.out.failed.Traceback, "\n"))
	}
	flags := "-run Same -sequences 1"
	if strings.HasPrefix(d.id, "loops") {
		flags = "-run Loops -loops 1"
	}
	fmt.Fprintf(&b, "\nnotes: %s\nagain: go test ./kernel/engine/differential %s -seed %d\n", d.out.notes.String(), flags, d.seed)
	return b.String()
}

// String is the sequence as a table of its cells.
func (g *sequence) String() string { return table(g.cells) }

func table(cells []*cell) string {
	var b strings.Builder
	for k, c := range cells {
		fmt.Fprintf(&b, "cell %d:\n\t%s\n", k+1, strings.ReplaceAll(strings.TrimSpace(c.code()), "\n", "\n\t"))
	}
	return b.String()
}

// run runs a sequence and forgets it, and returns where it differs from what
// the program prints.
func (r *runner) run(g *sequence, want map[string]string) *difference {
	defer r.execute("%reset")
	if g.cgo {
		if err := addCgo(r.ModuleDir()); err != nil {
			return &difference{g, 0, err.Error(), &record{}, want}
		}
	}
	for k := 0; k < len(g.cells); k++ {
		code := g.cells[k].code()
		if g.runsBeside(k) {
			one, two := r.executeBeside(code, g.cells[k+1].code())
			if found := r.check(g, k, one, want, false); found != nil {
				found.what = "it ends after the next cell, which runs while it waits; it " + found.what
				return found
			}
			k++
			if found := r.check(g, k, two, want, true); found != nil {
				found.what = "it runs while the cell before it waits at its end; it " + found.what
				return found
			}
			continue
		}
		if found := r.check(g, k, r.execute(code), want, true); found != nil {
			return found
		}
	}
	return nil
}

// counts says which names of a session belong to the sequence, not to one cell.
var counts = regexp.MustCompile(`\d$|^(path|clear|imag)$`)

// held lists the names that the session holds, those of one cell left out.
func (r *runner) held() []string {
	var names []string
	for _, d := range r.Definitions() {
		if d.Kind == "method" || d.Kind == "import" {
			continue
		}
		for _, n := range strings.Split(d.Name, ",") {
			if counts.MatchString(n) {
				names = append(names, n)
			}
		}
	}
	slices.Sort(names)
	return names
}

var (
	suffix   = regexp.MustCompile(`_s\d+w\d+|ʼ\d+`)
	mainPkg  = regexp.MustCompile(`\b(main|nb|sess)\.`)
	address  = regexp.MustCompile(`\b0x[0-9a-f]{6,}\b`)
	commands = regexp.MustCompile(`(?m)^(\. removed .*|\* State reset.*)\n`)
	goneNote = regexp.MustCompile(`(?m)(?:the variable (\w+)(?: .*)? is gone|(?:func|type|const|var) ([\w,]+) was dropped|^(?:\S+: )?(\w+) is gone)`)
)

// plain takes from an output what names of types and packages differ in, what
// commands say, and the addresses that pointers print as once their String
// method is gone.
func plain(s string) string {
	s = commands.ReplaceAllString(s, "")
	return address.ReplaceAllString(mainPkg.ReplaceAllString(suffix.ReplaceAllString(s, ""), ""), "0x")
}

// home is the home with the libraries, which kernel/engine's tests share.
func home(t *testing.T) string {
	dir, root, err := testhome.Path("libraries")
	if err != nil {
		t.Fatal(err)
	}
	if err := prepare.HomeWith(context.Background(), root, dir, toolchain.Libraries(), nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// record is what a cell put out, in order.
type record struct {
	text, notes strings.Builder
	failed      *engine.CellError
	interrupt   func()
	atGate      chan bool // sent to when the cell waits at its end: see executeBeside
}

func (r *record) add(text string) { r.text.WriteString(text) }

// told lists the names of which the notes say that they are gone.
func (r *record) told() []string {
	var names []string
	for _, m := range goneNote.FindAllStringSubmatch(r.text.String()+"\n"+r.notes.String(), -1) {
		for name := range strings.FieldsFuncSeq(m[1]+m[2]+m[3], func(r rune) bool { return r == ',' || r == ' ' }) {
			if counts.MatchString(name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func (r *record) Display(engine.Display) {}
func (r *record) Result(d engine.Display) {
	r.add(fmt.Sprintf("= %v\n", d.Data["text/plain"]))
}
func (r *record) Clear(bool)                         {}
func (r *record) Input(string, bool) (string, error) { return "", errors.New("nobody is there") }
