//go:build client

// Package notebooks holds the tutorials. Its tests execute them as a reader
// would: through a real Jupyter client, and with `modelbook run`.
package notebooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// installed is where TestMain put the kernel: the command, its home and the
// prefix with the kernelspec.
var installed struct{ command, home, prefix string }

func TestMain(m *testing.M) {
	code, err := installAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// installAndRun installs the kernel of this checkout into folders of the test,
// as install/run.sh does for a user. What it compiles ahead is kept in the
// user's cache, so that only the first run of the tests is slow.
func installAndRun(m *testing.M) (int, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return 0, err
	}
	installed.home = filepath.Join(cache, "modelbook-test", "home")
	if installed.prefix, err = os.MkdirTemp("", "modelbook-prefix-"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(installed.prefix)
	installed.command = filepath.Join(installed.prefix, "modelbook")
	for _, args := range [][]string{
		{"go", "build", "-trimpath", "-o", installed.command, "../kernel/cmd/modelbook"},
		{installed.command, "install", "--source", "..", "--home", installed.home, "--prefix", installed.prefix},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return m.Run(), nil
}

// notebook is the part of the nbformat 4 schema that the tests read.
type notebook struct {
	Cells []struct {
		Type           string `json:"cell_type"`
		Source         lines  `json:"source"`
		ExecutionCount *int   `json:"execution_count"`
		Outputs        []struct {
			Type  string                     `json:"output_type"`
			Name  string                     `json:"name"`
			Text  lines                      `json:"text"`
			Data  map[string]json.RawMessage `json:"data"`
			Ename string                     `json:"ename"`
			Value string                     `json:"evalue"`
		} `json:"outputs"`
	} `json:"cells"`
}

// lines is a multi-line string as nbformat stores it: a string or a list.
type lines string

func (l *lines) UnmarshalJSON(b []byte) error {
	var list []string
	if err := json.Unmarshal(b, &list); err == nil {
		*l = lines(strings.Join(list, ""))
		return nil
	}
	return json.Unmarshal(b, (*string)(l))
}

func read(t *testing.T, path string) *notebook {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	nb := new(notebook)
	if err := json.Unmarshal(b, nb); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return nb
}

// text is everything a reader of the executed notebook sees as text.
func (nb *notebook) text() string {
	var b strings.Builder
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			b.WriteString(string(o.Text))
			var plain lines
			if json.Unmarshal(o.Data["text/plain"], &plain) == nil {
				b.WriteString(string(plain) + "\n")
			}
		}
	}
	return b.String()
}

// check makes sure that every code cell ran and none failed.
func (nb *notebook) check(t *testing.T) {
	t.Helper()
	for i, c := range nb.Cells {
		if c.Type != "code" {
			continue
		}
		if c.ExecutionCount == nil {
			t.Errorf("cell %d was not executed:\n%s", i, c.Source)
		}
		for _, o := range c.Outputs {
			if o.Type == "error" {
				t.Errorf("cell %d: %s: %s\n%s", i, o.Ename, o.Value, c.Source)
			}
		}
	}
}

// images counts the outputs that carry the MIME type.
func (nb *notebook) images(mime string) (n int) {
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			if _, ok := o.Data[mime]; ok {
				n++
			}
		}
	}
	return n
}

// number finds the first group of pattern in the text, as a number.
func number(t *testing.T, text, pattern string) float64 {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no output matches %q in:\n%s", pattern, text)
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func run(t *testing.T, dir string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "JUPYTER_PATH="+filepath.Join(installed.prefix, "share", "jupyter"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out.String())
	}
	t.Logf("%s took %v", filepath.Base(name), time.Since(start).Round(time.Second))
}

// shortened writes the flagship with one epoch to a folder of the test and
// returns its path.
func shortened(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("mnist_cnn.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	short := bytes.Replace(b, []byte("epochs := 10"), []byte("epochs := 1"), 1)
	if bytes.Equal(b, short) {
		t.Fatal("the flagship no longer sets epochs := 10 in its parameters cell")
	}
	path := filepath.Join(t.TempDir(), "mnist_cnn.ipynb")
	if err := os.WriteFile(path, short, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// The flagship, one epoch, through nbconvert: Debian's Jupyter client starts
// the kernel by its kernelspec and executes every cell.
func TestClientFlagshipNbconvert(t *testing.T) {
	checkFlagship(t, converted(t, shortened(t), 600), 97.0)
}

// copied copies a notebook to a folder of the test: some save a model beside themselves.
func copied(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// converted executes a notebook through nbconvert, each cell in so many seconds at most, and
// returns what it made.
func converted(t *testing.T, path string, seconds int) *notebook {
	t.Helper()
	dir := filepath.Dir(path)
	run(t, dir, "/usr/bin/python3", "-m", "nbconvert", "--to", "notebook", "--execute",
		"--ExecutePreprocessor.timeout="+strconv.Itoa(seconds), "--output", "out.ipynb", path)
	return read(t, filepath.Join(dir, "out.ipynb"))
}

// The flagship as install/run.sh runs it, all ten epochs, without Jupyter.
func TestClientFlagshipRun(t *testing.T) {
	dir := filepath.Dir(copied(t, "mnist_cnn.ipynb"))
	run(t, dir, installed.command, "run", "mnist_cnn.ipynb", "-o", "out.ipynb")
	checkFlagship(t, read(t, filepath.Join(dir, "out.ipynb")), 97.7)
}

// checkFlagship checks the numbers and the pictures of an executed flagship.
func checkFlagship(t *testing.T, nb *notebook, accuracy float64) {
	t.Helper()
	nb.check(t)
	text := nb.text()
	if got := number(t, text, `test accuracy ([0-9.]+) %`); got < accuracy {
		t.Errorf("test accuracy %.2f %%, want at least %.1f %%", got, accuracy)
	}
	if !strings.Contains(text, "2,770,634") {
		t.Error("the summary does not count 2,770,634 parameters")
	}
	if n := nb.images("image/png"); n < 6 {
		t.Errorf("%d outputs with a PNG, want at least 6", n)
	}
	if n := nb.images("image/svg+xml"); n != 0 { // exporters would prefer it, and lose the picture
		t.Errorf("%d outputs with an SVG, want none", n)
	}
}
