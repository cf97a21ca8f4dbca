package export_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"modelbook/kernel/engine"
	"modelbook/kernel/export"
	"modelbook/kernel/notebook"
	"modelbook/kernel/prepare"
	"modelbook/kernel/prepare/testhome"
	"modelbook/kernel/toolchain"
)

// prepared is the home that the engine's tests use, too.
func prepared(t *testing.T) string {
	t.Helper()
	return preparedWith(t, "libraries", toolchain.Libraries())
}

func preparedWith(t *testing.T, name string, packages []string) string {
	t.Helper()
	home, root, err := testhome.Path(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := prepare.HomeWith(t.Context(), root, home, packages, nil); err != nil {
		t.Fatal(err)
	}
	return home
}

func newEngine(t *testing.T, home string) *engine.Engine {
	t.Helper()
	e, err := engine.New(engine.Config{Home: home, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// book makes a notebook of cells; those that begin with "#" are Markdown, and
// of those that begin with raises an error is expected.
func book(t *testing.T, cells ...string) *notebook.Notebook {
	t.Helper()
	var all []map[string]any
	for _, text := range cells {
		kind := "code"
		if strings.HasPrefix(text, "#") {
			kind = "markdown"
		}
		metadata := map[string]any{}
		if strings.HasPrefix(text, raises) {
			metadata["tags"] = []string{"raises-exception"}
		}
		all = append(all, map[string]any{"cell_type": kind, "source": strings.TrimPrefix(text, raises), "metadata": metadata})
	}
	b, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}, "cells": all})
	if err != nil {
		t.Fatal(err)
	}
	nb, err := notebook.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

const raises = "raises: "

// told is what the cells of a notebook print and show as text.
type told struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *told) Stream(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "stdout" {
		s.text.WriteString(text)
	}
}
func (s *told) Display(d engine.Display) { s.Result(d) }
func (s *told) Result(d engine.Display) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(&s.text, d.Data["text/plain"])
}
func (s *told) Clear(bool)                         {}
func (s *told) Input(string, bool) (string, error) { return "", nil }

// written exports a notebook into a folder.
func written(t *testing.T, home string, nb *notebook.Notebook) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "book")
	writtenTo(t, dir, home, nb, false)
	return dir
}

// writtenTo exports a notebook into a folder, with ranks as a program of those.
func writtenTo(t *testing.T, dir, home string, nb *notebook.Notebook, ranks bool) {
	t.Helper()
	cells := export.Cells(nb, false)
	e := newEngine(t, home)
	p, err := e.Program(t.Context(), cells, &told{})
	if err != nil {
		t.Fatal(err)
	}
	files, _, err := export.Write("book", nb, cells, p, ranks)
	if err != nil {
		t.Fatal(err)
	}
	m := export.Module{Dir: dir, Name: "book", Mod: e.ModuleDir(), Source: filepath.Join(home, "src"), Ranks: ranks}
	if err := m.Create(t.Context(), files); err != nil {
		for name, b := range files {
			t.Logf("%s:\n%s", name, b)
		}
		t.Fatal(err)
	}
}

// everything is a notebook in which most things happen that a notebook can do.
var everything = []string{
	"# Everything\n\nA notebook.",
	"xs := []float64{3, 1, 4} // data\nsum := 0.0\nfor _, x := range xs {\n\tsum += x\n}\nsum / float64(len(xs))",
	"// mean is the middle.\nfunc mean(xs []float64) float64 { return floats.Sum(xs) / float64(len(xs)) }",
	"mean(xs)",
	"type point struct{ X, Y int }\n\nfunc (p point) String() string { return fmt.Sprintf(\"<%d %d>\", p.X, p.Y) }",
	"p := point{1, 2}\np",
	"p := map[string]point{\"a\": {3, 4}}\nlen(p)",
	"count := 0\nfunc next() int { count++; return count }\nfunc init_once() { fmt.Println(\"init\") }",
	"next() + next()",
	"func mean(xs []float64) float64 { return -1 }\nfunc twice(xs []float64) float64 { return 2 * mean(xs) }",
	"fmt.Println(twice(xs), mean(xs))",
	"if count > 1 {\n\tdefer fmt.Println(\"deferred\")\n\tlast := count\n\treturn\n}\nfmt.Println(\"not reached\")",
	"unused, err := strconv.Atoi(\"5\")",
	"err == nil",
	"%env GREETING=hello there\n!echo \"$GREETING\"\nos.Getenv(\"GREETING\")",
	"%%writefile note.txt\none\ntwo",
	"b, err := os.ReadFile(\"note.txt\")\nstring(b)",
	"%%bash\necho from bash",
	"%% one two\nfmt.Println(os.Args[1:])\nif len(os.Args) == 3 {\n\treturn\n}\nfmt.Println(\"not reached\")",
	"results := make(chan int)\ngo func() { results <- 42 }()\n<-results",
	"rand := rand.New(rand.NewPCG(1, 2))\nrand.IntN(100)",
	"label := 0\nouter:\nfor i := range 3 {\n\tfor j := range 3 {\n\t\tif j == 2 {\n\t\t\tcontinue outer\n\t\t}\n\t\tlabel += i * j\n\t}\n}\nlabel",
	"var grid [2][2]int\ngrid[0][1] = 7\ngrid", "var grid [2][2]int\ngrid[1][0] = 8\ngrid",
	raises + "kept := 5\nfmt.Println(\"before\")\npanic(\"boom\")", "kept",
	raises + "gone, err := os.ReadFile(\"not there\")\n_ = gone",
	raises + "%%bash\nexit 3",
	raises + "notDefined + 1",
	"%%capture grabbed\nfmt.Println(\"hidden\")\n1 + 1", "grabbed.Stdout",
	"%capture copied.txt\nfmt.Println(\"copied\")", "!if [[ -s copied.txt ]]; then cat copied.txt; fi",
	"%%script cat -A\n\"quoted\"", "%%markdown\n# Title",
	"name := flag.String(\"name\", \"nobody\", \"\")", "%% --name=alice\nfmt.Println(*name)\nhere := 1\n_ = here", "%exec twice_over\nfunc twice_over() { fmt.Println(*name, os.Args[1:]) }",
	"%args more\nos.Args[1:]",
	"import svgo \"github.com/ajstarks/svgo\"\nsvgo.New(io.Discard) != nil",
	"var wg sync.WaitGroup\nwg.Wait()", "var hits int\nfunc hit() int { hits++; return hits }\nhit()", "var hits int\nhit()",
	"%timeit -n 1 -r 1 hit();\n// alone\nhits",
	"%who\nctx.Err() == nil",
}

func TestAProgramDoesWhatTheNotebookDoes(t *testing.T) {
	home := prepared(t)
	nb := book(t, everything...)
	e, out := newEngine(t, home), &told{}
	r := 0
	for _, c := range nb.Cells {
		if c.Type != "code" || strings.HasPrefix(c.Source, "%who") {
			continue
		}
		r++
		source := strings.TrimPrefix(c.Source, "%timeit -n 1 -r 1 hit();")
		err := e.Execute(context.Background(), engine.Request{Code: source, Cell: r}, out)
		if expected := len(c.Tags) > 0; (err != nil) != expected {
			t.Fatalf("cell %d: %v", r, err)
		}
	}
	notices := regexp.MustCompile("(?m)^(Set: |Cell contents written).*\n") // what commands tell the notebook's user
	want := notices.ReplaceAllString(out.text.String(), "") + "true\n"      // of the cell with %who
	dir := written(t, home, nb)
	for _, command := range []string{"go vet .", "go build"} {
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir = dir
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, b)
		}
	}
	cmd := exec.Command("./book")
	cmd.Dir = dir
	b, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := string(b); got != want {
		main, _ := os.ReadFile(filepath.Join(dir, "main.go"))
		t.Errorf("the program prints\n%s\nthe notebook\n%s\nmain.go:\n%s", got, want, main)
	}
}

// Names of the notebook that the program has for itself: its own functions, and
// packages that they use.
func TestANotebookMayUseTheNamesOfTheProgram(t *testing.T) {
	home := prepared(t)
	dir := written(t, home, book(t,
		"expand := func(s string) string { return \"E\" + s }\nshell, script, try, save := 1, 2, 3, 4\nwriteFile, copyOutput, capture, endCapture := 5, 6, 7, 8\ncheck, must, show := 9, 10, 11",
		"os := \"mine\"", "%cd /tmp", "!echo from the shell", "%%bash\necho from a script", "%%writefile helpers.txt\nwritten",
		"%%capture grabbed\nfmt.Println(\"hidden\")", "%capture copied.txt\nfmt.Println(\"copied\")", "%%markdown\ntext",
		"kinds, fail, display, filepath := 1, 2, 3, 4\nfunc use() int { return kinds + fail + display + filepath + run(1) }\nfunc run(n int) int { return n }",
		"signal, context, testing, flag, shown := 1, 2, 3, 4, 5\nfunc more() int { return signal + context + testing + flag + shown }\nctx.Err() == nil",
		raises+"panic(\"expected\")",
		"var err error\nfor check := range 2 {\n\t_, err = fmt.Println(check)\n}",
		"fmt.Println(expand(\"x\"), shell+script+try+save+writeFile+copyOutput+capture+endCapture+check+must+show, os, use(), more(), grabbed.Stdout)"))
	cmd := exec.Command("sh", "-c", "go vet . && go build && ./book")
	cmd.Dir = dir
	b, err := cmd.CombinedOutput()
	main, _ := os.ReadFile(filepath.Join(dir, "main.go"))
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, b, main)
	}
	if got, want := string(b), "Ex 66 mine 11 15 hidden\n"; !strings.Contains(got, want) || !strings.Contains(got, "from the shell\nfrom a script\ncopied\n") {
		t.Errorf("prints\n%s\n%s", got, main)
	}
}

func TestErrorsThatAreValuesEndNoProgram(t *testing.T) {
	home := prepared(t)
	dir := written(t, home, book(t,
		"var ErrEmpty = errors.New(\"stack is empty\")\nfunc pop() error { return ErrEmpty }",
		"var (\n\tErrA = fmt.Errorf(\"a: %w\", ErrEmpty)\n\tend = io.EOF\n)\nall := errors.Join(ErrA, io.EOF)\ne := end",
		"table := []error{ErrA, nil}\nfirst := table[0]\nfmt.Println(errors.Is(all, ErrEmpty), e == io.EOF, first, pop() == ErrEmpty)",
		"var err error\nfor i := range 3 {\n\tfmt.Println(i)\n\t_, err = strconv.Atoi(\"x\")\n}"))
	cmd := exec.Command("sh", "-c", "go vet . && go build && ./book")
	cmd.Dir = dir
	b, err := cmd.CombinedOutput()
	if got := string(b); err == nil || !strings.HasPrefix(got, "true true a: stack is empty true\n0\n") || strings.Contains(got, "1\n2\n") {
		t.Errorf("error %v, prints\n%s", err, got)
	}
}

func TestDisplaysBecomeFiles(t *testing.T) {
	home := prepared(t)
	dir := written(t, home, book(t,
		"import \"github.com/janpfeifer/gonb/gonbui\"",
		"gonbui.DisplayHtml(\"<b>bold</b>\")\ngonbui.Sync()",
		"gonbui.DisplayMarkdown(\"*text*\")",
		"image.NewGray(image.Rect(0, 0, 3, 2))"))
	cmd := exec.Command("sh", "-c", "go build && ./book")
	cmd.Dir = dir
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	found := map[string]bool{}
	entries, err := os.ReadDir(filepath.Join(dir, "output"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		b, err := os.ReadFile(filepath.Join(dir, "output", entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		switch filepath.Ext(entry.Name()) {
		case ".html":
			found["html"] = strings.Contains(string(b), "<b>bold</b>")
		case ".md":
			found["markdown"] = strings.Contains(string(b), "*text*")
		case ".png":
			found["png"] = strings.HasPrefix(string(b), "\x89PNG")
		}
	}
	if !found["html"] || !found["markdown"] || !found["png"] {
		t.Errorf("files %v: %v", entries, found)
	}
}

func TestExportKeepsFilesOfOthers(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.go"), []byte("package thesis"), 0o644); err != nil {
		t.Fatal(err)
	}
	m := export.Module{Dir: dir, Name: "x"}
	if err := m.Create(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "neither empty nor an earlier export") {
		t.Errorf("a folder with other files: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "thesis.go")); err != nil {
		t.Error(err)
	}
}

func TestWhatAProgramLacksIsSaid(t *testing.T) {
	home := prepared(t)
	nb := book(t, "%save", "%wasm\nfmt.Println(1)", "undefined_thing", "%%sh\necho\n", "x := 1\n%%sh", "limit := 3\nfunc TestLimit(t *testing.T) {\n\tif limit != 3 {\n\t\tt.Error(limit)\n\t}\n}\n%test")
	e := newEngine(t, home)
	if _, err := e.Program(t.Context(), export.Cells(nb, false), &told{}); err == nil || !strings.Contains(err.Error(), "cell 5") {
		t.Errorf("a cell that cannot be parsed: %v", err)
	}
	cells := export.Cells(nb, true)
	p, err := newEngine(t, home).Program(t.Context(), cells, &told{})
	if err != nil {
		t.Fatal(err)
	}
	files, remarks, err := export.Write("book", nb, cells, p, false)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(remarks, "\n")
	for _, want := range []string{"cell 1: %save has no place", "cell 2: left out: it is a program for the browser", "cell 3: left out", "undefined: undefined_thing", "cell 5: left out"} {
		if !strings.Contains(all, want) {
			t.Errorf("the remarks\n%s\nlack %q", all, want)
		}
	}
	if main := string(files["main.go"]); !strings.Contains(main, "// [3] is not in the program") || !strings.Contains(main, "//\tundefined_thing") {
		t.Errorf("main.go:\n%s", main)
	}
	m := export.Module{Dir: filepath.Join(t.TempDir(), "book"), Name: "book", Mod: e.ModuleDir(), Source: filepath.Join(home, "src")}
	if err := m.Create(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "test", ".")
	cmd.Dir = m.Dir
	if b, err := cmd.CombinedOutput(); err != nil { // the test needs the variable that the cell sets
		t.Errorf("go test: %v\n%s", err, b)
	}
}
