package cell

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"testing"
)

// Whole files of the standard library, and the bodies of their functions, must
// be cut as Go's own parser cuts them.
func TestStandardLibraryAsCells(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(build.Default.GOROOT, "src/net/http/*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources of net/http in %s: %v", build.Default.GOROOT, err)
	}
	bodies := 0
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		src, fset := string(source), token.NewFileSet()
		file, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if n := pieces(t, src); n != len(file.Decls) {
			t.Errorf("%s: %d pieces, want %d", name, n, len(file.Decls))
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			want := 0
			for _, s := range f.Body.List {
				if _, empty := s.(*ast.EmptyStmt); !empty {
					want++
				}
			}
			bodies++
			if n := pieces(t, src[fset.Position(f.Body.Lbrace).Offset+1:fset.Position(f.Body.Rbrace).Offset]); n != want {
				t.Errorf("%s: the body of %s is %d pieces, want %d", name, f.Name, n, want)
			}
		}
	}
	t.Logf("%d files, %d bodies", len(files), bodies)
}

// pieces is the number of pieces in a cell that holds no command.
func pieces(t *testing.T, src string) int {
	t.Helper()
	c, err := Parse(src, 1)
	if err != nil {
		t.Error(err)
		return -1
	}
	if len(c.Commands) > 0 {
		t.Errorf("commands found in Go: %v", c.Commands)
	}
	return len(c.Decls) + len(c.Stmts)
}
