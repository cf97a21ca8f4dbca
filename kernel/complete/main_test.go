package complete

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"modelbook/kernel/cell"
	"modelbook/kernel/session"
	"modelbook/kernel/source/gen"
)

// tried are the packages that the tests' cells can import.
var tried = []string{"bufio", "bytes", "cmp", "context", "crypto/rand", "errors", "fmt", "io", "log", "maps", "math", "math/rand/v2", "net", "net/http", "net/http/httptest", "os", "os/signal", "slices",
	"strconv", "strings", "sync", "syscall", "testing", "time", "modelbook/dl", "modelbook/dl/nn", "modelbook/dl/train", "modelbook/dl/optim", "modelbook/plotting", "modelbook/plotting/steer",
	"gonum.org/v1/gonum/floats", "gonum.org/v1/gonum/mat", "gonum.org/v1/gonum/stat",
	"container/heap", "encoding/csv", "encoding/json", "html", "image", "image/color", "image/png", "modelbook/dl/card", "modelbook/dl/compress", "modelbook/dl/data", "modelbook/dl/data/breastcancer", "modelbook/dl/data/generate", "modelbook/dl/data/images", "modelbook/dl/data/iris", "modelbook/dl/data/mnist", "modelbook/dl/data/preprocess", "modelbook/dl/data/shakespeare", "modelbook/dl/data/table", "modelbook/dl/data/transforms", "modelbook/dl/explain", "modelbook/dl/fair", "modelbook/dl/gguf", "modelbook/dl/lm", "modelbook/dl/lora", "modelbook/dl/manifold", "modelbook/dl/metric", "modelbook/dl/onnx", "modelbook/dl/optim/lbfgs", "modelbook/dl/privacy", "modelbook/dl/privacy/anonymous", "modelbook/dl/privacy/sealed", "modelbook/dl/quant", "modelbook/dl/text", "modelbook/dl/train/tensorboard", "modelbook/dl/tune", "modelbook/dl/zoo", "net/url", "os/exec",
	"path/filepath", "reflect", "regexp", "sort", "text/tabwriter", "unicode", "unicode/utf8"}

// compiled are the archives of these packages and all they import.
var compiled = sync.OnceValues(func() (map[string]string, error) {
	args := slices.Concat([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}"}, tried, []string{gen.RuntimePath, gen.TestsPath})
	cmd := exec.Command("go", args...)
	out, err := cmd.Output()
	archives := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, file, ok := strings.Cut(strings.TrimSpace(line), "="); ok && file != "" {
			archives[path] = file
		}
	}
	return archives, err
})

// goEnv asks the go command.
var goEnv = sync.OnceValue(func() []string {
	out, _ := exec.Command("go", "env", "GOROOT", "GOMODCACHE").Output()
	return strings.Fields(string(out))
})

// opened is a completer that has seen cells.
func opened(t testing.TB, cells ...string) *Completer {
	t.Helper()
	archives, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string][]string{}
	for _, path := range tried {
		name := path[strings.LastIndexByte(path, '/')+1:]
		if name == "v2" {
			known["rand"] = append([]string{path}, known["rand"]...)
			continue
		}
		known[name] = append(known[name], path)
	}
	env := goEnv()
	source, _ := filepath.Abs("../..")
	c := New(Config{Lang: "go1.26", Known: known, GOROOT: env[0], GOMODCACHE: env[1], Source: source,
		Commands: []Command{{Names: []string{"!"}, Usage: "!command"}, {Names: []string{"%%"}, Usage: "%% [args...]"}, {Names: []string{"%%bash"}, Usage: "%%bash"}, {Names: []string{"%ls"}, Usage: "%ls"},
			{Names: []string{"%time"}, Usage: "%time [statement]", Argument: takes("")}, {Names: []string{"%with_inputs"}, Usage: "%with_inputs"}, {Names: []string{"%with_password"}, Usage: "%with_password"},
			{Names: []string{"%cd", "%pwd"}, Usage: "%cd [directory]", Text: "changes the directory", Argument: takes(Directory)},
			{Names: []string{"%%writefile", "%%file"}, Usage: "%%writefile [-a] path", Flags: []string{"-a"}, Argument: takes(File)}, {Names: []string{"%rm"}, Usage: "%rm name", Argument: takes(Name)},
			{Names: []string{"%load"}, Usage: "%load file", Flags: []string{"-exact", "-q"}, Argument: takes(File)}, {Names: []string{"%%script"}, Usage: "%%script program [args...]", Argument: takes(Program)},
			{Names: []string{"%who"}, Usage: "%who [type]", Argument: takes(Type)}, {Names: []string{"%whos"}, Usage: "%whos [type]", Argument: takes(Type)}, {Names: []string{"%doc"}, Usage: "%doc symbol", Argument: takes(Symbol)},
			{Names: []string{"%env"}, Usage: "%env [NAME]", Argument: takes(Variable)}, {Names: []string{"%exec"}, Usage: "%exec function", Argument: takes(Function)}, {Names: []string{"%help"}, Usage: "%help [command]", Argument: takes(CommandName)}},
		Environ: os.Environ, Dir: func() string { return "testdata" }})
	p := newPackages()
	p.update(archives)
	s := session.New(p, func(name string) []string { return known[name] }, "go1.26")
	for i, code := range cells {
		run(t, s, code, i+1)
	}
	c.Update(s.Scope(), archives, source)
	return c
}

// takes is what a command says of its arguments that takes one kind.
func takes(kind Argument) func([]string) Argument {
	return func([]string) Argument { return kind }
}

// run does to a session what running a cell does.
func run(t testing.TB, s *session.Session, code string, number int) {
	t.Helper()
	parsed, err := cell.Parse(code, number)
	if err != nil {
		t.Fatal(err)
	}
	sc := session.Cell{Number: number}
	for _, p := range parsed.Decls {
		sc.Decls = append(sc.Decls, session.Piece{Text: p.Text, Line: p.Line, Col: p.Col, Doc: p.Doc})
	}
	for _, p := range parsed.Stmts {
		sc.Stmts = append(sc.Stmts, session.Piece{Text: p.Text, Line: p.Line, Col: p.Col})
	}
	plan, err := s.Plan(sc)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	s.Commit(plan)
}

// cursor takes the mark ¦ out of a cell and returns where it stood, in code
// points.
func cursor(t testing.TB, code string) (string, int) {
	before, after, ok := strings.Cut(code, "¦")
	if !ok {
		t.Fatalf("%q has no cursor", code)
	}
	return before + after, len([]rune(before))
}

// texts joins the texts of matches.
func texts(c Completions) string {
	var b bytes.Buffer
	for i, m := range c.Matches {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(m.Text)
	}
	return b.String()
}
