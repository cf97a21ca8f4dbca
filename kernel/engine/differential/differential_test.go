package differential

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/build"
	"modelbook/kernel/engine"
)

var (
	count = flag.Int("sequences", 20, "how many sequences to run")
	first = flag.Uint64("seed", 0, "seed of the first sequence")
)

// perWorker sequences run in one worker process, one after another with
// %reset between; perProgram make one program.
const perWorker, perProgram = 10, 50

// TestSameAsAProgram runs random sequences of cells as cells and as one Go
// program, and compares what they print. In the cells, the collector runs all
// the time.
func TestSameAsAProgram(t *testing.T) {
	for from := 0; from < *count; from += perProgram {
		var all []*sequence
		for i := from; i < min(from+perProgram, *count); i++ {
			all = append(all, newSequence(*first+uint64(i)))
		}
		t.Run(fmt.Sprint("from ", all[0].id), func(t *testing.T) {
			t.Parallel()
			want := runProgram(t, all)
			for group := range slices.Chunk(all, perWorker) {
				runCells(t, group, want)
			}
		})
	}
}

// runCells runs sequences in one engine.
func runCells(t *testing.T, group []*sequence, want map[string]string) {
	e, err := engine.New(engine.Config{Home: home(t), Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	n := 0
	execute := func(code string) *record {
		n++
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		out := &record{}
		var cellErr *engine.CellError
		if err := e.Execute(ctx, engine.Request{Code: code, Cell: n}, out); errors.As(err, &cellErr) {
			out.add("! " + cellErr.Value + "\n")
			out.failed = cellErr
		}
		return out
	}
	for _, g := range group {
		execute("import \"runtime/debug\"\ndebug.SetGCPercent(3)")
		ok := true
		for k, code := range g.cells {
			out := execute(code)
			name := fmt.Sprintf("%s cell %d", g.id, k+1)
			if got := plain(out.text.String()); got != plain(want[name]) {
				t.Errorf("%s prints\n%s\nthe program prints\n%s\ncells:\n%s", name, got, plain(want[name]), strings.Join(g.cells[:k+1], "----\n"))
				if out.failed != nil {
					t.Log(strings.Join(out.failed.Traceback, "\n"))
				}
				t.Log("notes:", out.notes.String())
				ok = false
				break
			}
		}
		if got := held(e); ok && !slices.Equal(got, g.alive()) {
			t.Errorf("%s: the session holds\n%v\nbut should\n%v\ncells:\n%s", g.id, got, g.alive(), strings.Join(g.cells, "----\n"))
		}
		execute("%reset")
	}
}

// held lists the names that the session holds, temporary ones left out.
func held(e *engine.Engine) []string {
	var names []string
	for _, d := range e.Definitions() {
		if d.Kind == "method" || d.Kind == "import" {
			continue
		}
		for _, n := range strings.Split(d.Name, ",") {
			if regexp.MustCompile(`\d$`).MatchString(n) {
				names = append(names, n)
			}
		}
	}
	slices.Sort(names)
	return names
}

var (
	suffix  = regexp.MustCompile(`_s\d+w\d+|ʼ\d+`)
	mainPkg = regexp.MustCompile(`\b(main|nb)\.`)
	address = regexp.MustCompile(`\b0x[0-9a-f]{6,}\b`)
)

// plain takes from an output what names of types and packages differ in, and
// the addresses that pointers print as once their String method is gone.
func plain(s string) string {
	return address.ReplaceAllString(mainPkg.ReplaceAllString(suffix.ReplaceAllString(s, ""), ""), "0x")
}

// runProgram builds and runs the program of some sequences, and returns what
// each cell of them prints.
func runProgram(t *testing.T, all []*sequence) map[string]string {
	dir := t.TempDir()
	files := map[string]string{"go.mod": "module program\n\ngo 1.26\n", "main.go": programMain}
	for _, g := range all {
		files[g.id+".go"] = g.file()
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "run", "-ldflags=-s -w", ".")
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go run: %v\n%s", err, stderr.String())
	}
	want := map[string]string{}
	for part := range strings.SplitSeq(string(out), "\x1e") {
		name, text, _ := strings.Cut(part, "\n")
		want[name] = text
	}
	return want
}

// home is the home with the libraries, which kernel/engine's tests share.
func home(t *testing.T) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(root + runtime.Version()))
	dir := filepath.Join(cache, "modelbook-test", "libraries-"+hex.EncodeToString(sum[:6]))
	if err := build.PrepareFor(context.Background(), root, dir, build.Libraries(), nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// record is what a cell put out, in order.
type record struct {
	text, notes strings.Builder
	failed      *engine.CellError
}

func (r *record) add(text string) { r.text.WriteString(text) }

func (r *record) Stream(name, text string) {
	if name == "stdout" {
		r.add(text)
	} else {
		r.notes.WriteString(text)
	}
}
func (r *record) Display(engine.Display) {}
func (r *record) Result(d engine.Display) {
	r.add(fmt.Sprintf("= %v\n", d.Data["text/plain"]))
}
func (r *record) Clear(bool)                         {}
func (r *record) Input(string, bool) (string, error) { return "", errors.New("nobody is there") }
