package complete

import (
	"encoding/json"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/kernel/cell"
	"modelbook/kernel/session"
)

// recall types the cells of a notebook again: after the cells above it, the
// selected names of a cell (every nth of them) must be among the matches for
// their first letters, whether the rest of the cell is there, all but the rest
// of the line, or, with fresh, nothing; and inspection must know them.
func recall(t *testing.T, c *Completer, name string, cells []string, fresh bool, nth int) (asked int) {
	p := newPackages()
	p.update(c.packages.archives)
	s := session.New(p, func(name string) []string { return c.cfg.Known[name] }, "go1.26")
	missed := 0
	for n, code := range cells {
		c.Update(s.Scope(), p.archives, "")
		draft := cell.ParseDraft(code)
		if draft.Whole != nil {
			continue
		}
		text := draft.Go
		toks := lex(text)
		selected := 0
		for i, l := range toks {
			if l.tok != token.IDENT || i == 0 || toks[i-1].tok != token.PERIOD {
				continue
			}
			if selected++; selected%nth != 0 {
				continue
			}
			at := len([]rune(code[:l.from])) + 1
			before, after := string([]rune(code)[:at]), string([]rune(code)[at:])
			_, below, _ := strings.Cut(after, "\n")
			if page, ok := c.Inspect(code, at, true, nil); !ok || !strings.Contains(page.Plain, l.lit) {
				missed++
				t.Logf("%s, cell %d: nothing is known of %s in %q", name, n+1, l.lit, before[lineStart(before, len(before)):])
			}
			for _, typed := range []string{before, before + "\n" + below, code} {
				if typed == before && !fresh {
					continue
				}
				asked++
				got := c.Complete(typed, at)
				if !slices.ContainsFunc(got.Matches, func(m Match) bool { return m.Text == l.lit }) {
					missed++
					t.Logf("%s, cell %d: %s is not among the matches of %q, %d bytes behind it", name, n+1, l.lit, before[lineStart(before, len(before)):], len(typed)-len(before))
				}
			}
		}
		run(t, s, code, n+1)
	}
	if missed > 0 {
		t.Errorf("%s: %d of %d missed", name, missed, asked)
	}
	return asked
}

// codeCells are the code cells of a notebook file.
func codeCells(t *testing.T, file []byte) (cells []string) {
	t.Helper()
	var nb struct {
		Cells []struct {
			Type   string `json:"cell_type"`
			Source any
		}
	}
	if err := json.Unmarshal(file, &nb); err != nil {
		t.Fatal(err)
	}
	for _, nc := range nb.Cells {
		text, _ := nc.Source.(string)
		if lines, ok := nc.Source.([]any); ok {
			for _, line := range lines {
				text += line.(string)
			}
		}
		if nc.Type == "code" {
			cells = append(cells, text)
		}
	}
	return cells
}

func TestTutorialsTypedAgain(t *testing.T) {
	files, err := filepath.Glob("../../notebooks/*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	c := opened(t)
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".zh-CN.ipynb") {
			continue // the same code
		}
		asked += recall(t, c, filepath.Base(file), codeCells(t, b), true, 2)
	}
	if asked < 100 {
		t.Errorf("only %d names asked for", asked)
	}
}

// Files of the standard library as cells, all they declare at once.
func TestLibraryTypedAgain(t *testing.T) {
	c := opened(t)
	for _, files := range [][]string{{"container/list/list.go"}, {"container/ring/ring.go"}, {"text/tabwriter/tabwriter.go"}, {"bufio/bufio.go", "bufio/scan.go"}, {"encoding/csv/reader.go", "encoding/csv/writer.go"}} {
		var cells []string
		for _, file := range files {
			b, err := os.ReadFile(filepath.Join(c.cfg.GOROOT, "src", file))
			if err != nil {
				t.Fatal(err)
			}
			cells = append(cells, string(b))
		}
		if asked := recall(t, c, files[0], cells, false, 3); asked < 20 {
			t.Errorf("%s: only %d names asked for", files[0], asked)
		}
	}
}
