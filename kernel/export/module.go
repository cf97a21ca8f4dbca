package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"modelbook/kernel/module"
	"modelbook/kernel/mpi"
	"modelbook/kernel/toolchain"
)

// A Module is where the files of a program go.
type Module struct {
	Dir    string
	Name   string
	Mod    string // folder of the go.mod and go.sum that the notebook's cells were compiled with
	Source string // folder of modelbook's sources
	Ranks  bool   // it needs modelbook/dl/dist, a module of its own
}

// Create writes a program as a module: Dir must not exist, or be empty, or
// hold an earlier export. The module has a copy of what it uses of modelbook.
// When Create returns without error, "go build" has built it.
func (m *Module) Create(ctx context.Context, files map[string][]byte) error {
	if m.Ranks && !mpi.BuildsHere() {
		return errors.New("a program of ranks is built here to see that it is right, and that needs Open MPI: " + mpi.Install)
	}
	if err := m.prepare(); err != nil {
		return err
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(m.Dir, name), b, 0o644); err != nil {
			return err
		}
	}
	if err := m.goMod(); err != nil {
		return err
	}
	if err := m.copySources(ctx); err != nil {
		return err
	}
	return m.build(ctx)
}

// mark is the first line of the README that says what a folder is.
const mark = "made by `modelbook export`"

// prepare makes the folder, and refuses one that has other files.
func (m *Module) prepare() error {
	entries, err := os.ReadDir(m.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.MkdirAll(m.Dir, 0o755)
	case err != nil:
		return err
	case len(entries) == 0:
		return nil
	}
	b, err := os.ReadFile(filepath.Join(m.Dir, "main.go"))
	if err != nil || !strings.Contains(string(b), mark) {
		return fmt.Errorf("%s is neither empty nor an earlier export: name a new folder", m.Dir)
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") || name == "modelbook" {
			if err := os.RemoveAll(filepath.Join(m.Dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

var (
	relative    = regexp.MustCompile(`=> \.\.?/\S*`)
	replaced    = regexp.MustCompile(`(?m)^.*=> (/\S+)[ \t]*$`)
	moduleLine  = regexp.MustCompile(`(?m)^module .*$`)
	replaceLine = regexp.MustCompile(`(?m)^replace modelbook => .*$`)
)

// goMod writes go.mod and go.sum.
func (m *Module) goMod() error {
	b, err := os.ReadFile(filepath.Join(m.Mod, "go.mod"))
	if err != nil {
		return err
	}
	b = relative.ReplaceAllFunc(b, func(path []byte) []byte { // those of the session's folder
		return append([]byte("=> "), filepath.Join(m.Mod, string(path[len("=> "):]))...)
	})
	b = replaced.ReplaceAllFunc(b, func(line []byte) []byte {
		if _, err := os.Stat(string(replaced.FindSubmatch(line)[1])); err != nil {
			return append([]byte("// not on this machine: "), line...)
		}
		return line
	})
	b = moduleLine.ReplaceAll(b, []byte("module "+m.Name))
	b = replaceLine.ReplaceAll(b, []byte("replace modelbook => ./modelbook"))
	if m.Ranks {
		b = append(b, "\nrequire "+module.RanksModule+" v0.0.0\n\nreplace "+module.RanksModule+" => ./"+module.RanksModule+"\n"...)
	}
	if err := os.WriteFile(filepath.Join(m.Dir, "go.mod"), b, 0o644); err != nil {
		return err
	}
	b, err = os.ReadFile(filepath.Join(m.Mod, "go.sum"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(m.Dir, "go.sum"), b, 0o644)
}

// copySources copies the packages of modelbook that the program uses.
func (m *Module) copySources(ctx context.Context) error {
	to := filepath.Join(m.Dir, "modelbook")
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(m.Source, "go.mod"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(to, "go.mod"), mod, 0o644); err != nil {
		return err
	}
	seen := map[string]bool{}
	queue, err := imported(m.Dir)
	if err != nil {
		return err
	}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		rest, own := strings.CutPrefix(path, "modelbook/")
		if !own || seen[path] {
			continue
		}
		seen[path] = true
		if err := copyPackage(filepath.Join(m.Source, rest), filepath.Join(to, rest)); err != nil {
			return err
		}
		more, err := imported(filepath.Join(to, rest))
		if err != nil {
			return err
		}
		queue = append(queue, more...)
	}
	return nil
}

// imported lists what the Go files of a folder import, for any platform.
func imported(dir string) (paths []string, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		for _, spec := range f.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil {
				paths = append(paths, path)
			}
		}
	}
	return paths, nil
}

// copyPackage copies the files of a package, without its tests.
func copyPackage(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, e.Name()), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// build builds the program. A notebook may make variables that nothing uses; a
// program must use them.
func (m *Module) build(ctx context.Context) error {
	for range 20 { // the compiler reports ten at a time
		cmd := toolchain.UserCommand(ctx, "build", "-gcflags=-e", "-o", os.DevNull, ".")
		cmd.Dir = m.Dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err == nil {
			return nil
		}
		var lines []int
		var names []string
		for _, u := range toolchain.UnusedVariables(string(out)) {
			if u.File == "main.go" {
				lines, names = append(lines, u.Line), append(names, u.Name)
			}
		}
		if len(lines) == 0 {
			return fmt.Errorf("%s was written, but does not build:\n%s", m.Dir, bytes.TrimSpace(out))
		}
		if err := use(filepath.Join(m.Dir, "main.go"), lines, names); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s was written, but has too many unused variables to build", m.Dir)
}

// use adds "_ = name" after the statements that declare variables.
func use(file string, lines []int, names []string) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, src, parser.ParseComments)
	if err != nil {
		return err
	}
	type insertion struct {
		at   int
		name string
	}
	var all []insertion
	ast.Inspect(f, func(n ast.Node) bool {
		block, ok := n.(*ast.BlockStmt)
		if !ok {
			return true
		}
		for _, stmt := range block.List {
			for i, line := range lines {
				if declares(fset, stmt, line, names[i]) {
					all = append(all, insertion{fset.Position(stmt.End()).Offset, names[i]})
				}
			}
		}
		return true
	})
	if len(all) == 0 {
		return fmt.Errorf("%s: unused variables %s", file, strings.Join(names, ", "))
	}
	slices.SortFunc(all, func(a, b insertion) int { return b.at - a.at })
	for _, i := range all {
		src = slices.Insert(src, i.at, []byte("\n_ = "+i.name)...)
	}
	if src, err = format.Source(src); err != nil {
		return err
	}
	return os.WriteFile(file, src, 0o644)
}

// declares reports whether a statement declares a variable of a name in a line.
func declares(fset *token.FileSet, stmt ast.Stmt, line int, name string) bool {
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && id.Name == name && fset.Position(id.Pos()).Line == line
	}
	switch stmt := stmt.(type) {
	case *ast.AssignStmt:
		return stmt.Tok == token.DEFINE && slices.ContainsFunc(stmt.Lhs, is)
	case *ast.DeclStmt:
		for _, spec := range stmt.Decl.(*ast.GenDecl).Specs {
			if v, ok := spec.(*ast.ValueSpec); ok && slices.ContainsFunc(v.Names, func(id *ast.Ident) bool { return is(id) }) {
				return true
			}
		}
	}
	return false
}
