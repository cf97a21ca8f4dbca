package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../../.." // of the module

// declared are the names in a package's files: Name, and Type.Member of methods and fields. Those of tests are apart.
type declared struct {
	names, tests map[string]bool
	kinds        map[string]string // of exported names at the top: type, function, variable or constant
}

// packagesBelow reads the packages in a folder of the module, by name.
func packagesBelow(t *testing.T, folder string) map[string]*declared {
	all := map[string]*declared{}
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && e.Name() == "testdata" {
			return filepath.SkipDir
		}
		if e.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name := filepath.Base(filepath.Dir(path))
		d := all[name]
		if d == nil {
			d = &declared{map[string]bool{}, map[string]bool{}, map[string]string{}}
			all[name] = d
		}
		d.read(file, strings.HasSuffix(path, "_test.go"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (d *declared) read(file *ast.File, test bool) {
	add := func(name, kind string) {
		if test {
			d.tests[name] = true
			return
		}
		d.names[name] = true
		if kind != "" && ast.IsExported(name) {
			d.kinds[name] = kind
		}
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				add(decl.Name.Name, "function")
			} else {
				add(base(decl.Recv.List[0].Type)+"."+decl.Name.Name, "")
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					kind := "variable"
					if decl.Tok == token.CONST {
						kind = "constant"
					}
					for _, name := range spec.Names {
						add(name.Name, kind)
					}
				case *ast.TypeSpec:
					add(spec.Name.Name, "type")
					if s, ok := spec.Type.(*ast.StructType); ok {
						for _, f := range s.Fields.List {
							for _, name := range f.Names {
								add(spec.Name.Name+"."+name.Name, "")
							}
						}
					}
				}
			}
		}
	}
}

// base is the name of a receiver's type.
func base(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// contents are the rows of CONTENTS.md, each the quoted words of its four cells; the words of all of it are beside them.
func contents(t *testing.T) (rows [][4][]string, words []string) {
	b, err := os.ReadFile("../../CONTENTS.md")
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	for line := range strings.Lines(string(b)) {
		var all []string
		for _, m := range quoted.FindAllStringSubmatch(line, -1) {
			all = append(all, m[1])
		}
		words = append(words, all...)
		cells := strings.Split(strings.TrimSpace(line), "|")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| what |") {
			continue
		}
		if len(cells) != 6 {
			t.Errorf("CONTENTS.md: a row of %d cells, want 4: %.80s", len(cells)-2, line)
			continue
		}
		var row [4][]string
		for i, cell := range cells[1:5] {
			for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
				row[i] = append(row[i], m[1])
			}
		}
		rows = append(rows, row)
	}
	return rows, words
}

// Every name, test and file on the page is there, and each row says where its things are and what shows them.
func TestContentsAreThere(t *testing.T) {
	packages := packagesBelow(t, "dl")
	packages["complete"] = packagesBelow(t, "kernel/complete")["complete"]
	rows, words := contents(t)
	if len(rows) < 50 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		if len(row[1]) == 0 || len(row[2]) == 0 {
			t.Errorf("a row has no place, or nothing that shows it: %v", row)
		}
		for _, shown := range row[2] {
			if _, name, _ := strings.Cut(shown, "."); !regexp.MustCompile(`^(Test|Fuzz|Benchmark|Example)[A-Z]`).MatchString(name) && !strings.Contains(shown, "/") {
				t.Errorf("%s is no test", shown)
			}
		}
	}
	for _, word := range words {
		if strings.Contains(word, "/") {
			if _, err := os.Stat(filepath.Join(root, word)); err != nil {
				t.Error(err)
			}
			continue
		}
		pkg, name, dotted := strings.Cut(word, ".")
		switch pkg {
		case "x":
			pkg, name = "dl", "Tensor."+name
		case "r":
			pkg, name = "dl", "Rand."+name
		}
		if d := packages[pkg]; dotted && (d == nil || !d.names[name] && !d.tests[name]) {
			t.Errorf("CONTENTS.md: there is no %s", word)
		}
	}
}

// Every function, type and variable of the packages whose things are counted on the page is there, and every method of
// tensors and random numbers.
func TestContentsAreComplete(t *testing.T) {
	packages := packagesBelow(t, "dl")
	_, words := contents(t)
	miss := func(word string) {
		if !slices.Contains(words, word) {
			t.Errorf("%s is not on dl/CONTENTS.md: add it to the row of its group", word)
		}
	}
	for _, pkg := range []string{"dl", "nn", "optim", "metric", "transforms", "generate", "zoo"} {
		for name, kind := range packages[pkg].kinds {
			if kind != "constant" {
				miss(pkg + "." + name)
			}
		}
	}
	for name := range packages["dl"].names {
		if method, ok := strings.CutPrefix(name, "Tensor."); ok && ast.IsExported(method) {
			miss("x." + method)
		}
		if method, ok := strings.CutPrefix(name, "Rand."); ok && ast.IsExported(method) {
			miss("r." + method)
		}
	}
}
