package export

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/command"
	"modelbook/kernel/engine"
	"modelbook/kernel/mpi"
	"modelbook/kernel/notebook"
	"modelbook/kernel/session"
)

//go:embed helper/notebook.go.txt
var helpers string

//go:embed helper/capture.go.txt
var captureHelpers string

//go:embed helper/displays.go.txt
var displays string

//go:embed helper/ranks.go.txt
var rankHelpers string

// A writer makes the files of one notebook.
type writer struct {
	program   *session.Program
	cells     map[int]*cell.Cell    // by number
	imports   map[string]string     // of main.go, beside the program's
	decls     []session.Declaration // without the tests
	testDecls []session.Declaration
	captures  bool                            // a cell's output is captured
	args      bool                            // an earlier cell set os.Args
	number    int                             // of the cell that is written
	mpi       bool                            // it is a program of ranks
	functions map[*cell.Command]*mpi.Function // that %mpirun calls
	remarks   []string                        // what the program does not do
	// top are the names that the program declares at its top, local all words of
	// main, and renamed the functions of its own that have other names (names.go).
	top, local map[string]bool
	renamed    map[string]string
}

// remark reports to the user what the program does not do of the present cell.
func (w *writer) remark(format string, args ...any) {
	w.remarks = append(w.remarks, fmt.Sprintf("cell %d: ", w.number)+fmt.Sprintf(format, args...))
}

// Cells parses the code cells of a notebook and numbers them from 1. Those
// that the notebook expects to fail may not compile; with keepGoing, none need.
func Cells(nb *notebook.Notebook, keepGoing bool) []engine.ProgramCell {
	var all []engine.ProgramCell
	for _, c := range nb.Cells {
		if c.Type != "code" || strings.TrimSpace(c.Source) == "" {
			continue
		}
		n := len(all) + 1
		raises := slices.Contains(c.Tags, "raises-exception")
		parsed, err := cell.Parse(c.Source, n)
		if err != nil {
			parsed = &cell.Cell{Number: n, Go: c.Source}
		}
		all = append(all, engine.ProgramCell{Cell: parsed, Wrong: err, Raises: raises, Optional: raises || keepGoing})
	}
	addRanked(all)
	return all
}

// Write makes main.go, declarations.go and notebook.go of a notebook from its
// cells and what the session made of them, and with ranks what makes it a program
// of all ranks of an MPI job. The remarks list what the program does not do of the
// notebook.
func Write(name string, nb *notebook.Notebook, cells []engine.ProgramCell, p *session.Program, ranks bool) (files map[string][]byte, remarks []string, err error) {
	w := &writer{program: p, cells: map[int]*cell.Cell{}, imports: map[string]string{}, mpi: ranks}
	w.functions, _ = ranked(cells)
	if ranks && len(w.functions) == 0 {
		return nil, nil, fmt.Errorf("no cell has a %%mpirun that says what the ranks train together, such as %%mpirun fit, where the notebook declares %s", mpi.Form)
	}
	for _, c := range cells {
		w.cells[c.Number] = c.Cell
	}
	w.decls, w.testDecls = divide(p)
	w.findNames(helpers, captureHelpers, displays, rankHelpers)
	texts := map[string]string{
		"main.go":          w.main(name, nb),
		"declarations.go":  w.declarations(),
		"notebook_test.go": w.tests(),
		"notebook.go":      w.helper(helpers),
	}
	if w.uses(gonbui) {
		texts["displays.go"] = w.helper(displays)
	}
	if w.captures {
		texts["capture.go"] = w.helper(captureHelpers)
	}
	if w.mpi {
		texts["ranks.go"] = w.helper(rankHelpers)
	}
	for _, path := range []string{"comms", "dom", "widgets"} {
		if w.uses(gonbui + "/" + path) {
			w.remarks = append(w.remarks, "it uses "+gonbui+"/"+path+", which talks to the page of a notebook: a program that waits for the page's answer waits forever")
			break
		}
	}
	files = map[string][]byte{}
	for file, text := range texts {
		if text == "" {
			continue
		}
		b, err := format.Source([]byte(text))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w\n%s", file, err, text)
		}
		files[file] = b
	}
	if w.mpi {
		for file, text := range mpi.JobFiles(name) {
			files[file] = []byte(text)
		}
	}
	return files, w.remarks, nil
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
			w.number = number
			if err := w.program.Left[number]; err != nil {
				reason, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), fmt.Sprintf("cell %d: ", number)), "\n")
				w.remark("left out: %s", reason)
				fmt.Fprintf(&b, "\n// [%d] is not in the program: %s\n//\n%s\n", number, reason, indented(c.Source))
				continue
			}
			w.cell(&b, w.cells[number], statements, slices.Contains(c.Tags, "raises-exception"))
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
		start = "if " + w.name("serveDisplays") + "() {\nreturn\n}\n\n"
	}
	body := strings.TrimLeft(b.String(), "\n")
	if w.mpi {
		body = w.name("onRanks") + "(func() {\n" + body + "})\n"
	}
	return head + "package main\n\n" + w.importBlock(imports, w.program.Blank) + "\nfunc main() {\n" + start + body + "}\n"
}

// gonbui begins the paths of GoNB's display library.
const gonbui = "github.com/janpfeifer/gonb/gonbui"

// uses reports whether the program imports a package whose path begins so.
func (w *writer) uses(prefix string) bool {
	for _, m := range []map[string]string{w.program.MainImports, w.program.DeclImports} {
		for _, path := range m {
			if path == prefix || strings.HasPrefix(path, prefix+"/") {
				return true
			}
		}
	}
	return false
}

// cell writes what one cell does.
func (w *writer) cell(b *strings.Builder, c *cell.Cell, all map[int]session.Statements, raises bool) {
	fmt.Fprintf(b, "\n// [%d]\n", c.Number)
	s := all[c.Number]
	if c.Whole != nil {
		text := w.command(*c.Whole)
		if raises {
			text = w.name("try") + "(func() {\n" + text + "})\n"
		}
		b.WriteString(text)
		return
	}
	after := ""
	for i, cmd := range c.Commands {
		if w.functions[&c.Commands[i]] != nil {
			continue // its statements are those of the cell
		}
		text := w.command(cmd)
		b.WriteString(text)
		switch {
		case strings.HasPrefix(text, w.name("copyOutput")+"("):
			after = w.name("endOutput") + "()\n"
		case strings.HasPrefix(text, w.name("capture")+"("):
			after = w.name("endCapture") + "()\n"
			if v, ok := all[c.Number+engine.CaptureCell]; ok { // that makes the variable
				after = strings.Join(v.Locals, "\n") + strings.Replace(strings.Join(v.Stmts, "\n"), command.CapturedType+"{}", w.name("endCapture")+"()", 1) + "\n"
			}
		}
	}
	switch {
	case len(c.Args) > 0:
		w.args = true
		fmt.Fprintf(b, "%s.Args = %#v\n", w.pkg("os"), append([]string{"cell"}, c.Args...))
	case w.args && (c.Main || strings.Contains(c.Go, "Args") || strings.Contains(c.Go, "flag.")):
		w.args = false
		fmt.Fprintf(b, "%[1]s.Args = %[1]s.Args[:1]\n", w.pkg("os"))
	}
	if c.Test != nil {
		b.WriteString("// %test: go test\n")
	}
	body := w.statements(c, s)
	if body == "" {
		if names := w.declared(c); len(names) > 0 {
			fmt.Fprintf(b, "// declares %s: see declarations.go\n", strings.Join(names, ", "))
		}
	}
	for _, l := range s.Locals {
		b.WriteString(l + "\n")
	}
	switch {
	case body == "":
	case raises: // the notebook expects an error here
		fmt.Fprintf(b, "%s(func() {\n%s})\n", w.name("try"), body)
	case s.Own:
		fmt.Fprintf(b, "func() {\n%s}()\n", body)
	default:
		b.WriteString(body)
	}
	b.WriteString(after)
}

// statements is what the Go code of a cell does.
func (w *writer) statements(c *cell.Cell, s session.Statements) string {
	var body strings.Builder
	write := func(text string, piece cell.Piece) {
		above, beside := around(c, piece)
		if i := strings.LastIndex(text, "\n"+session.CheckFunc+"("); i >= 0 && beside != "" && strings.HasSuffix(text, ")") && !strings.Contains(text[i+1:], "\n") { // beside what it was said of
			text, beside = text[:i]+beside, text[i:]
		}
		if text+beside != "" || above != "" {
			body.WriteString(above + text + beside + "\n")
		}
	}
	var by *cell.Command
	each := func(texts []string, pieces []cell.Piece) {
		for _, p := range pieces {
			if f := w.functions[p.By]; f != nil && len(texts) > 0 {
				texts[0] = w.rankedStatement(texts[0], f)
			} else if p.By != nil && p.By.Name != "%time" && p.By.Name != "%prun" { // not a statement of the session
				if p.By != by {
					by = p.By
					body.WriteString(w.notebookOnly(*by))
				}
				continue
			}
			if len(texts) == 0 {
				return
			}
			write(texts[0], p)
			texts = texts[1:]
		}
	}
	each(s.Stmts, c.Stmts)
	for _, call := range s.Calls {
		body.WriteString(call + "()\n")
	}
	if s.Main == nil {
		return body.String()
	}
	if s.Parse != "" {
		body.WriteString(s.Parse + "\n")
	}
	front := body.String()
	body.Reset()
	each(s.Main, c.MainBody)
	inner := body.String()
	switch {
	case s.MainOwn:
		inner = "func() {\n" + inner + "}()\n"
	case declaresNames(inner):
		inner = "{\n" + inner + "}\n"
	}
	return front + inner
}

// declaresNames reports whether statements declare names, which are local to
// their cell.
func declaresNames(body string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p; func _() {\n"+body+"}", 0)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(f.Decls[0].(*ast.FuncDecl).Body.List, func(s ast.Stmt) bool {
		a, ok := s.(*ast.AssignStmt)
		_, decl := s.(*ast.DeclStmt)
		return decl || ok && a.Tok == token.DEFINE
	})
}

// declarations is the text of declarations.go, "" without any.
func (w *writer) declarations() string {
	p := w.program
	if len(w.decls)+len(p.Vars) == 0 && p.Context == "" {
		return ""
	}
	imports := maps.Clone(p.DeclImports)
	var b strings.Builder
	if p.Context != "" {
		context, signal, os := w.free("context", nil), w.free("os/signal", nil), w.free("os", nil)
		imports[context], imports[signal], imports[os] = "context", "os/signal", "os"
		fmt.Fprintf(&b, "// %s ends with an interrupt from the keyboard.\nvar %s, _ = %s.NotifyContext(%s.Background(), %s.Interrupt)\n", p.Context, p.Context, signal, context, os)
	}
	if len(p.Vars) > 0 {
		b.WriteString("\n// Variables of the notebook that its functions use.\n")
	}
	for _, v := range p.Vars {
		b.WriteString(v.Text + "\n")
	}
	b.WriteString(w.written(w.decls))
	if len(w.testDecls) > 0 {
		imports = usedImports(b.String(), imports)
	}
	return "package main\n\n" + w.importBlock(imports, nil) + b.String()
}

// written are declarations with their comments.
func (w *writer) written(decls []session.Declaration) string {
	var b strings.Builder
	for _, d := range decls {
		b.WriteString("\n")
		if c := w.cells[d.Cell]; c != nil {
			b.WriteString(doc(c, d.Line))
		}
		b.WriteString(d.Text + "\n")
	}
	return b.String()
}

// importBlock is an import declaration: the standard library first.
func (w *writer) importBlock(imports map[string]string, blank []string) string {
	var groups [2]bytes.Buffer
	for _, name := range slices.SortedFunc(maps.Keys(imports), func(a, b string) int { return strings.Compare(imports[a], imports[b]) }) {
		path, g := imports[name], 0
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") || first == "modelbook" {
			g = 1
		}
		if last := path[strings.LastIndex(path, "/")+1:]; last != name || w.program.Packages[path] != "" && w.program.Packages[path] != name {
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
