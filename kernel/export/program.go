package export

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/notebook"
	"modelbook/kernel/session"
)

//go:embed helper/notebook.go.txt
var helpers string

//go:embed helper/displays.go.txt
var displays string

// A writer makes the files of one notebook.
type writer struct {
	program *session.Program
	cells   map[int]*cell.Cell // by number
	imports map[string]string  // of main.go, beside the program's
}

// Cells parses the code cells of a notebook and numbers them from 1. Errors
// name the cell.
func Cells(nb *notebook.Notebook) ([]*cell.Cell, error) {
	var all []*cell.Cell
	for _, c := range nb.Cells {
		if c.Type != "code" || strings.TrimSpace(c.Source) == "" {
			continue
		}
		n := len(all) + 1
		parsed, err := cell.Parse(c.Source, n)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", n, err)
		}
		all = append(all, parsed)
	}
	return all, nil
}

// Write makes main.go, declarations.go and notebook.go of a notebook from its
// cells and what the session made of them.
func Write(name string, nb *notebook.Notebook, cells []*cell.Cell, p *session.Program) (map[string][]byte, error) {
	w := &writer{program: p, cells: map[int]*cell.Cell{}, imports: map[string]string{}}
	for _, c := range cells {
		w.cells[c.Number] = c
	}
	files := map[string]string{
		"main.go":         w.main(name, nb),
		"declarations.go": w.declarations(),
		"notebook.go":     helpers,
	}
	if w.uses(gonbui) {
		files["displays.go"] = displays
	}
	out := map[string][]byte{}
	for file, text := range files {
		if text == "" {
			continue
		}
		b, err := format.Source([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", file, err, text)
		}
		out[file] = b
	}
	return out, nil
}

// main is the text of main.go.
func (w *writer) main(name string, nb *notebook.Notebook) string {
	var b strings.Builder
	statements := map[int]session.Statements{}
	for _, s := range w.program.Cells {
		statements[s.Cell] = s
	}
	number := 0
	for _, c := range nb.Cells {
		switch {
		case c.Type == "markdown" && strings.TrimSpace(c.Source) != "":
			b.WriteString("\n" + comment(wrap(c.Source)) + "\n")
		case c.Type == "code" && strings.TrimSpace(c.Source) != "":
			number++
			w.cell(&b, w.cells[number], statements[number], slices.Contains(c.Tags, "raises-exception"))
		}
	}
	imports := maps.Clone(w.program.MainImports)
	maps.Copy(imports, w.imports)
	head := fmt.Sprintf("// Command %s is the notebook %s.ipynb as a program, made by `modelbook export`.\n", name, name)
	if len(w.program.Notes) > 0 {
		head += "//\n// The notebook redefines things on its way, and the program has a name for each version:\n"
		for _, n := range w.program.Notes {
			head += comment("  - "+n) + "\n"
		}
	}
	start := ""
	if w.uses(gonbui) {
		start = "if serveDisplays() {\nreturn\n}\n"
	}
	return head + "package main\n\n" + importBlock(imports, w.program.Blank) + "\nfunc main() {\n" + start + b.String() + "}\n"
}

// gonbui begins the paths of GoNB's display library.
const gonbui = "github.com/janpfeifer/gonb/gonbui"

// uses reports whether the program imports a package whose path begins so.
func (w *writer) uses(prefix string) bool {
	for _, m := range []map[string]string{w.program.MainImports, w.program.DeclImports} {
		for _, path := range m {
			if strings.HasPrefix(path, prefix) {
				return true
			}
		}
	}
	return false
}

// cell writes what one cell does.
func (w *writer) cell(b *strings.Builder, c *cell.Cell, s session.Statements, raises bool) {
	fmt.Fprintf(b, "\n// [%d]\n", c.Number)
	if c.Whole != nil {
		b.WriteString(w.command(*c.Whole))
		return
	}
	for _, cmd := range c.Commands {
		b.WriteString(w.command(cmd))
	}
	if len(c.Args) > 0 {
		w.imports["os"] = "os"
		fmt.Fprintf(b, "os.Args = %#v\n", append([]string{"cell"}, c.Args...))
	}
	if len(s.Stmts) == 0 && len(s.Calls) == 0 && len(c.Decls) > 0 {
		names := declared(c)
		if len(names) > 0 {
			fmt.Fprintf(b, "// declares %s: see declarations.go\n", strings.Join(names, ", "))
		}
		return
	}
	var body strings.Builder
	for i, text := range s.Stmts {
		above, beside := around(c, c.Stmts[i])
		if i := strings.LastIndex(text, "\n"+session.CheckFunc+"("); i >= 0 && beside != "" { // beside what it was said of
			text, beside = text[:i]+beside, text[i:]
		}
		body.WriteString(above + text + beside + "\n")
	}
	for _, call := range s.Calls {
		body.WriteString(call + "()\n")
	}
	for _, l := range s.Locals {
		b.WriteString(l + "\n")
	}
	switch {
	case raises: // the notebook expects an error here
		fmt.Fprintf(b, "try(func() {\n%s})\n", body.String())
	case s.Own:
		fmt.Fprintf(b, "func() {\n%s}()\n", body.String())
	default:
		b.WriteString(body.String())
	}
}

// declarations is the text of declarations.go, "" without any.
func (w *writer) declarations() string {
	p := w.program
	if len(p.Decls)+len(p.Vars) == 0 && p.Context == "" {
		return ""
	}
	imports := maps.Clone(p.DeclImports)
	var b strings.Builder
	if p.Context != "" {
		imports["context"], imports["signal"], imports["os"] = "context", "os/signal", "os"
		fmt.Fprintf(&b, "// %s ends with an interrupt from the keyboard.\nvar %s, _ = signal.NotifyContext(context.Background(), os.Interrupt)\n", p.Context, p.Context)
	}
	if len(p.Vars) > 0 {
		b.WriteString("\n// Variables of the notebook that its functions use.\n")
	}
	for _, v := range p.Vars {
		b.WriteString(v.Text + "\n")
	}
	for _, d := range p.Decls {
		b.WriteString("\n")
		if c := w.cells[d.Cell]; c != nil {
			b.WriteString(doc(c, d.Line))
		}
		b.WriteString(d.Text + "\n")
	}
	return "package main\n\n" + importBlock(imports, nil) + b.String()
}

// importBlock is an import declaration: the standard library first.
func importBlock(imports map[string]string, blank []string) string {
	var groups [2]bytes.Buffer
	for _, name := range slices.SortedFunc(maps.Keys(imports), func(a, b string) int { return strings.Compare(imports[a], imports[b]) }) {
		path, g := imports[name], 0
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") || first == "modelbook" {
			g = 1
		}
		if last := path[strings.LastIndex(path, "/")+1:]; last != name {
			fmt.Fprintf(&groups[g], "%s ", name)
		}
		fmt.Fprintf(&groups[g], "%q\n", path)
	}
	for _, path := range blank {
		fmt.Fprintf(&groups[1], "_ %q\n", path)
	}
	if groups[0].Len()+groups[1].Len() == 0 {
		return ""
	}
	return "import (\n" + groups[0].String() + "\n" + groups[1].String() + ")\n"
}
