package engine

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"modelbook/kernel/toolchain"
)

// A gonbCell is a code cell of a notebook of GoNB's, with what GoNB put out
// when it was stored.
type gonbCell struct {
	code    string
	streams string   // stdout and stderr
	shown   []string // HTML and Markdown
	failed  bool
}

// multiline is text that a notebook stores as a string or as its lines.
type multiline string

func (m *multiline) UnmarshalJSON(b []byte) error {
	var lines []string
	if err := json.Unmarshal(b, &lines); err == nil {
		*m = multiline(strings.Join(lines, ""))
		return nil
	}
	return json.Unmarshal(b, (*string)(m))
}

func gonbNotebook(t *testing.T, file string) []gonbCell {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var nb struct {
		Cells []struct {
			CellType string `json:"cell_type"`
			Source   multiline
			Outputs  []struct {
				OutputType string `json:"output_type"`
				Name       string
				Text       multiline
				Data       map[string]multiline
			}
		}
	}
	if err := json.Unmarshal(text, &nb); err != nil {
		t.Fatal(err)
	}
	var cells []gonbCell
	for _, c := range nb.Cells {
		if c.CellType != "code" {
			continue
		}
		g := gonbCell{code: string(c.Source)}
		for _, o := range c.Outputs {
			switch {
			case o.OutputType == "error":
				g.failed = true
			case o.OutputType == "stream" && o.Name != "stdin":
				g.streams += string(o.Text)
			}
			for _, mime := range []string{"text/html", "text/markdown"} {
				if s, ok := o.Data[mime]; ok {
					g.shown = append(g.shown, string(s))
				}
			}
		}
		cells = append(cells, g)
	}
	return cells
}

// differences are the cells of which modelbook puts out something else than
// GoNB did, by notebook and number: an expression for all of it, and the
// reason, which help.md tells the user.
var differences = map[string]map[int]difference{
	"goflags": {
		6: {`! warning: no applicable files found in input directories\n`, "coverage of cells is not counted"},
		9: {"", "there is no main.go in GONB_TMP_DIR"},
	},
	"gotest": {
		2: {`=== RUN   TestA\nTesting A\n--- PASS: TestA \(0\.0.s\)\nPASS\n\+ 1 passed\n\+ test   outcome  time\n\+ TestA  pass     0\.0. s\n`, testTable},
		3: {`\+ Imports:\n.*\+   require "github.com/stretchr/testify/require"\n.*\+   func FibonacciA\(n int\) int  // cell\[2\]\n.*\+   func TestA\(t \*testing\.T\) .*`, listing},
		4: {`=== RUN   TestA\nTesting A\n--- PASS: TestA \(0\.0.s\)\nPASS\n\+ 1 passed\n.*`, testTable},
		5: {`=== RUN   TestB\nTesting B\n--- PASS: TestB \(0\.0.s\)\n=== RUN   TestAB\nTesting AB\n--- PASS: TestAB \(0\.0.s\)\nPASS\n\+ 2 passed\n.*`, testTable + "; tests run in the order of their cells"},
		6: {`Testing A\nTesting B\nTesting AB\nPASS\n\+ 3 passed\n.*`, testTable + "; tests run in the order of their cells"},
		7: {`goos: linux\n.*BenchmarkFibonacciA32\n?.*ns/op.*\nBenchmarkFibonacciB32\n?.*ns/op.*\nPASS\n\+ benchmark +loops +time/op +B/op +allocs/op\n\+ BenchmarkFibonacciA32.*ms.*\n\+ BenchmarkFibonacciB32.*ns.*`, testTable},
		8: {`BenchmarkFibonacciA32.*ns/op\nBenchmarkFibonacciB32.*ns/op\nPASS\n\+ benchmark +loops +time/op\n.*`, testTable},
	},
	"gowork": {
		5: {`module session\n.*require modelbook .*replace a\.com/a/pkg => TMP_PKG\n`, goMod},
		7: {`module session\n.*require modelbook .*`, goMod},
	},
	"init": {
		2: {`init_b\n`, initOnce}, 3: {`init: v0\n`, initOnce}, 4: {`init: v1\n`, initOnce}, 6: {`Done\n`, initOnce},
	},
	"vartuple": {
		1: {`\+ Variables:\n\+   a int\n\+   c int\n\+ Functions:\n\+   func tupleFn\(\) \(x, y, z int\)  // cell\[1\]\n`, listing},
		3: {`\. removed var a\n`, "a variable keeps its value when another one of its declaration gets a new type"},
	},
}

type difference struct{ want, why string }

const (
	testTable = "%test adds a table"
	listing   = "%ls lists in another form"
	goMod     = "the session's go.mod requires modelbook"
	initOnce  = "an init function runs with its cell, and not with later ones"
)

// alike replaces what differs from machine to machine and from run to run. The
// note about -cover, which all these notebooks set, is a difference.
func alike(text string, names ...string) string {
	for i := 0; i+1 < len(names); i += 2 {
		text = strings.ReplaceAll(text, names[i], names[i+1])
	}
	return changing.ReplaceAllStringFunc(text, func(s string) string {
		if strings.HasPrefix(s, "note") {
			return ""
		}
		return "TMP"
	})
}

var changing = regexp.MustCompile(`note: -cover has no effect: the coverage of cells is not counted\n|/tmp/gonb_tests_gowork_\w+|/tmp/gonb_[a-z-]*[0-9a-f]+(/session/module)?`)

// TestGoNBNotebooks runs the notebooks that GoNB is tested with, unmodified.
// Those of comms, dom and widgets need a browser, that of wasm the network.
func TestGoNBNotebooks(t *testing.T) {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb")
	dir, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	root := strings.TrimSpace(string(dir))
	home := prepared(t, "libraries", toolchain.Libraries())
	for _, name := range []string{"bash_script", "capture", "functions", "goflags", "gonbui", "gotest", "gowork", "hello", "init", "input_boxes", "script", "vartuple", "writefile"} {
		t.Run(name, func(t *testing.T) {
			work := t.TempDir()
			t.Setenv("GONB_GIT_ROOT", root)
			t.Setenv("GOCOVERDIR", work)
			t.Setenv("TEST_DIR", work+"/")
			e, err := New(Config{Home: home, Dir: work, JupyterRoot: root})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if name == "gotest" {
				// What it imports, in a version that needs no look at the network
				// once it is in the module cache.
				out := &record{}
				if err := e.Execute(context.Background(), Request{Code: "!*go get github.com/stretchr/testify/require@v1.8.1", Cell: 100}, out); err != nil || strings.Contains(out.stderr, "exit status") {
					t.Fatal(err, out.stderr)
				}
			}
			answers := []string{"foo", "bar", "42", "123456"}
			for i, c := range gonbNotebook(t, filepath.Join(root, "examples/tests", name+".ipynb")) {
				out := &record{answers: answers}
				err := e.Execute(context.Background(), Request{Code: c.code, Cell: i + 1}, out)
				answers = out.answers
				if err != nil {
					out.err = err.(*CellError)
				}
				var shown []string
				for _, d := range out.displays {
					for _, mime := range []string{"text/html", "text/markdown"} {
						if s, ok := d.Data[mime].(string); ok {
							shown = append(shown, s)
						}
					}
				}
				got := alike(out.stdout+out.stderr+strings.Join(shown, "\n"), root, "ROOT", work, "WORK")
				want := alike(c.streams+strings.Join(c.shown, "\n"), "/home/janpf/Projects/gonb/examples/tests", "WORK", "/home/janpf/Projects/gonb", "ROOT",
					"/tmp/gonb_nbtests_writefile_1480747020", "WORK", "/tmp/gonb_test_coverage.6X8w4Qlxik", "WORK")
				same := got == want && (err != nil) == c.failed
				if d, ok := differences[name][i]; ok {
					if got := outcome(out); !regexp.MustCompile(`^(?s:` + d.want + `)$`).MatchString(got) {
						t.Errorf("cell %d\n%s\nputs out\n%s\nwant\n%s", i, c.code, got, d.want)
					} else if same {
						t.Errorf("cell %d puts out what GoNB does; the difference %q is gone", i, d.why)
					}
				} else if !same {
					t.Errorf("cell %d\n%s\nputs out\n%s%s\nGoNB put out\n%s, error: %v", i, c.code, got, outcome(out), want, c.failed)
				}
			}
		})
	}
}
