package complete

import (
	"context"
	"errors"
	"go/ast"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"modelbook/kernel/cell"
	"modelbook/kernel/complete/gopls"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// This package finds almost everything by itself, in a few milliseconds, from
// the archives that cells are compiled against. It cannot know packages that a
// cell imports and that have not been compiled yet. For these it asks gopls as a
// fallback, which reads sources. gopls takes seconds to start and about 200 MB
// of memory, so it is started only when a question needs it.

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

// A second is gopls as the fallback. It is shown the session as a package.
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
			files[name] = goplsHead // no longer needed
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

// unknown reports whether the name at the cursor is selected from a package that
// has not been compiled yet, or from a value of unknown type.
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
func (c *Completer) sketch(d cell.Draft, start, end int) *sketch {
	a := arrange(d, start, end, cut, d.Go[start:end])
	c.mu.Lock()
	p, _ := c.parse(a)
	if p.at == nil {
		c.mu.Unlock()
		return nil
	}
	p.see()
	imports := map[string]string{}
	for _, u := range append(p.units, p.at) { // the one at the cursor counts
		maps.Copy(imports, u.imports)
	}
	for _, name := range p.view.Own {
		delete(imports, name) // the cell has the line
	}
	module := c.module
	c.mu.Unlock()
	text, at := a.file(goplsHead + importLines(imports, p.isTaken))
	sk := &sketch{module: module, files: p.sessionFiles(), at: at}
	sk.files[goplsCell] = text
	return sk
}

const goplsHead = "package nb\n"

// file writes an arranged cell as one Go file that begins with head. at is the
// offset of the identifier at the cursor.
func (a arranged) file(head string) (text string, at int) {
	var b strings.Builder
	b.WriteString(head)
	write := func(kind partKind) {
		for _, s := range a.pieces[kind] {
			if s.doc != "" {
				b.WriteString(s.doc + "\n")
			}
			if s.cursor >= 0 {
				at = b.Len() + s.cursor
			}
			b.WriteString(s.text + "\n")
		}
	}
	write(importPart)
	write(declPart)
	for _, fn := range []struct {
		kind partKind
		name string
	}{{mainPart, "main"}, {stmtPart, gen.Body}} {
		if len(a.pieces[fn.kind]) > 0 {
			b.WriteString("func " + fn.name + "() {\n")
			write(fn.kind)
			b.WriteString("}\n")
		}
	}
	return b.String(), at
}

func importLines(imports map[string]string, taken func(name string) bool) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		if gen.IsDotImport(name) {
			b.WriteString("import . \"" + imports[name] + "\"\n")
		} else if !taken(name) {
			b.WriteString("import " + name + " \"" + imports[name] + "\"\n")
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
	if !p.view.HasVar("ctx") && !p.view.HasDecl("ctx") {
		put(source.ContextVar.Paths, "var ctx "+source.ContextVar.Type)
	}
	for _, d := range p.view.Decls {
		put(d.Imports, withDoc(d))
	}
	for _, v := range p.view.Vars {
		if p.view.CheckVar(v).CheckName == v.Name {
			put(v.Paths, "var "+v.Name+" "+v.Type)
		}
	}
	texts := map[string]string{}
	for i, f := range files {
		texts["session"+strings.Repeat("_", i)+".go"] = goplsHead + importLines(f.imports, p.isTaken) + f.body.String()
	}
	return texts
}

func withDoc(d source.KeptDecl) string {
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
