package complete

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modelbook/kernel/complete/gopls"
	"modelbook/kernel/session"
	"modelbook/kernel/source/gen"
)

// This package finds almost everything by itself, in a few milliseconds, from
// the archives that cells are compiled against. What it cannot know are
// packages that a cell imports and that were not compiled yet: the compiler
// sees them when the cell runs. For these gopls is asked. It reads sources,
// and takes seconds to start and some 200 MB, so it is started when a question
// needs it.

// Gopls says how to run the language server.
type Gopls struct {
	Path string // the program
	Dir  string // a folder for the session's files, to be made
	Env  []string
	Logf func(format string, args ...any)
}

// How long a question may wait for gopls.
const (
	secondFor = 400 * time.Millisecond
	startFor  = 900 * time.Millisecond // while it starts
)

// A second is a gopls that is shown the session as a package of its own.
type second struct {
	cfg    Gopls
	server *gopls.Server

	mu    sync.Mutex
	files map[string]string // shown so far
	mod   string            // what go.mod said
}

func newSecond(cfg Gopls) *second {
	s := &second{cfg: cfg, files: map[string]string{}}
	s.server = gopls.New(gopls.Config{Path: cfg.Path, Dir: cfg.Dir, Env: cfg.Env, Logf: cfg.Logf})
	return s
}

const goplsCell = "cell.go"

// show tells gopls of the session and the cell. It waits for a gopls that
// starts, while ctx lasts.
func (s *second) show(ctx context.Context, sk *sketch) error {
	files := sk.files
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.update(sk.module); err != nil {
		return err
	}
	for name := range s.files {
		if _, still := files[name]; !still {
			files[name] = "package nb\n" // no longer needed
		}
	}
	for {
		err := s.server.Show(files)
		if !errors.Is(err, gopls.ErrNotReady) {
			s.files = files
			return err
		}
		if err := s.server.Wait(ctx); err != nil {
			return err
		}
	}
}

// update copies the session's go.mod and go.sum to gopls's folder.
func (s *second) update(module string) error {
	mod, err1 := os.ReadFile(filepath.Join(module, "go.mod"))
	sum, err2 := os.ReadFile(filepath.Join(module, "go.sum"))
	if err := errors.Join(err1, err2); err != nil || s.mod == string(mod) {
		return err
	}
	if err := errors.Join(os.MkdirAll(s.cfg.Dir, 0o700),
		os.WriteFile(filepath.Join(s.cfg.Dir, "go.sum"), sum, 0o600),
		os.WriteFile(filepath.Join(s.cfg.Dir, "go.mod"), mod, 0o600)); err != nil {
		return err
	}
	s.mod = string(mod)
	return s.server.Changed("go.mod")
}

// unknown reports whether the name at the cursor is selected from something
// that is not known here: from a package not compiled yet, or from what comes
// of one.
func (p *program) unknown() bool {
	sel, ok := p.path[1].(*ast.SelectorExpr)
	if !ok || sel.Sel != p.ident() {
		return false
	}
	if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok {
		if pkg, ok := p.info.Uses[id].(*types.PkgName); ok {
			return len(pkg.Imported().Scope().Names()) == 0
		}
	}
	return p.typeOf(sel.X) == nil
}

// A sketch is the package of all cells as files for gopls.
type sketch struct {
	files  map[string]string
	at     int // the offset in goplsCell of the name at the cursor
	module string
}

// sketch writes the session and the cell as Go files.
func (c *Completer) sketch(text string, start, end int) *sketch {
	a := arrange(text, start, end, cut, text[start:end])
	p := &program{Completer: c, scope: c.scope.Load(), fset: token.NewFileSet(), text: a.text}
	p.file, _ = parser.ParseFile(p.fset, cellFile, a.text, parser.AllErrors)
	if p.file == nil || a.cursor < 0 {
		return nil
	}
	p.collect()
	c.mu.Lock()
	head := "package nb\n" + importLines(p.resolve(), p.taken)
	module := c.module
	c.mu.Unlock()
	sk := &sketch{module: module, files: p.sessionFiles(), at: a.cursor - len("package nb\n") + len(head)}
	sk.files[goplsCell] = head + strings.TrimPrefix(a.text, "package nb\n")
	return sk
}

func importLines(imports map[string]string, taken map[string]bool) string {
	var b strings.Builder
	for name, path := range imports {
		if gen.IsDotImport(name) {
			b.WriteString("import . \"" + path + "\"\n")
		} else if !taken[name] {
			b.WriteString("import " + name + " \"" + path + "\"\n")
		}
	}
	return b.String()
}

// sessionFiles writes what the session holds as files: one, unless a name
// means different packages in different declarations.
func (p *program) sessionFiles() map[string]string {
	type file struct {
		imports map[string]string
		body    strings.Builder
	}
	var files []*file
	put := func(imports map[string]string, text string) {
		fits := func(f *file) bool {
			for name, path := range imports {
				if other, ok := f.imports[name]; ok && other != path {
					return false
				}
			}
			return true
		}
		var into *file
		for _, f := range files {
			if fits(f) {
				into = f
				break
			}
		}
		if into == nil {
			into = &file{imports: map[string]string{}}
			files = append(files, into)
		}
		for name, path := range imports {
			into.imports[name] = path
		}
		into.body.WriteString(text + "\n")
	}
	if !p.taken["ctx"] {
		put(gen.ContextImports(), gen.ContextDecl)
	}
	for _, d := range p.scope.Decls {
		if !p.renewed(d) {
			put(d.Imports, withDoc(d))
		}
	}
	for _, v := range p.scope.Vars {
		if !p.mine[v.Name] && v.Check == v.Name {
			put(v.Paths, "var "+v.Name+" "+v.Type)
		}
	}
	texts := map[string]string{}
	for i, f := range files {
		texts["session"+strings.Repeat("_", i)+".go"] = "package nb\n" + importLines(f.imports, p.taken) + f.body.String()
	}
	return texts
}

func withDoc(d session.Declared) string {
	if d.Doc == "" {
		return d.Text
	}
	return d.Doc + "\n" + d.Text
}

// complete asks gopls what may stand at a cursor.
func (s *second) complete(sk *sketch, text string, start, at, end int) ([]Match, int, int) {
	ctx, cancel := context.WithTimeout(context.Background(), startFor)
	defer cancel()
	if s.show(ctx, sk) != nil {
		return nil, at, at
	}
	ctx, cancel = context.WithTimeout(context.Background(), secondFor)
	defer cancel()
	items, err := s.server.Complete(ctx, goplsCell, sk.files[goplsCell], sk.at+at-start)
	if err != nil {
		return nil, at, at
	}
	var matches []Match
	for _, i := range items {
		if i.From == sk.at && !strings.ContainsAny(i.Text, " \n") {
			matches = append(matches, Match{i.Text, lspKind(i.Kind), strings.TrimPrefix(i.Detail, "func")})
		}
	}
	return matches, start, end
}

// lspKind is a kind of LSP 3.17 (CompletionItemKind) in the words of IPython.
func lspKind(kind int) string {
	switch kind {
	case 2, 3, 4: // method, function, constructor
		return kindFunction
	case 5, 10: // field, property
		return kindProperty
	case 7, 8, 13, 22, 25: // class, interface, enum, struct, type parameter
		return kindClass
	case 9: // module
		return kindModule
	case 14: // keyword
		return kindKeyword
	case 20, 21: // enum member, constant
		return kindConstant
	}
	return kindInstance
}

// describe asks gopls about the name at a cursor.
func (s *second) describe(sk *sketch) (Page, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), startFor)
	defer cancel()
	if s.show(ctx, sk) != nil {
		return Page{}, false
	}
	ctx, cancel = context.WithTimeout(context.Background(), secondFor)
	defer cancel()
	text, err := s.server.Hover(ctx, goplsCell, sk.files[goplsCell], sk.at)
	if err != nil || text == "" {
		return Page{}, false
	}
	return markdownPage(text), true
}
