// Command from writes dl/FROM.md, the page for those who know Keras or PyTorch: page.md with tables made of names.txt,
// which says what is called how, and the examples of idioms_test.go.
//
//	go run modelbook/dl/internal/from dl
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: from FOLDER, that of package dl")
		os.Exit(2)
	}
	page, err := write(os.Args[1])
	if err == nil {
		err = os.WriteFile(filepath.Join(os.Args[1], "FROM.md"), page, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write makes the page from the files in the folder of package dl.
func write(dl string) ([]byte, error) {
	names, err := os.ReadFile(filepath.Join(dl, "names.txt"))
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(dl, "internal", "from")
	t, err := template.New("page.md").Funcs(template.FuncMap{
		"names":   func() string { return tables(read(string(names))) },
		"example": func(name string) (string, error) { return example(filepath.Join(folder, "idioms_test.go"), name) },
	}).ParseFiles(filepath.Join(folder, "page.md"))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, nil); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// row is a line of names.txt.
type row struct {
	theirs     []string
	ours, note string
}

// read reads names.txt, whose own comment says how it is written.
func read(text string) (rows []row) {
	for line := range strings.Lines(text) {
		theirs, rest, ok := strings.Cut(strings.TrimSpace(line), " =")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		ours, note, _ := strings.Cut(rest, ";")
		rows = append(rows, row{strings.Fields(theirs), strings.TrimSpace(ours), strings.TrimSpace(note)})
	}
	return rows
}

// areas are the tables of the page, in their order, each with the packages whose names are in it.
var areas = []struct{ title, packages string }{
	{"Layers, activations and models", "nn zoo"}, {"Losses", "loss"}, {"Initialisers", "init"}, {"Tensors", "Tensor"}, {"Functions", "dl"},
	{"Optimizers and schedules", "optim lbfgs"}, {"Training, files", "train tune plotting manifold explain onnx gguf lm lora"}, {"Metrics", "metric"},
	{"Data", "data images mnist iris breastcancer generate transforms preprocess table text"}, {"Others", "others"}, {"Not here", ""},
}

// others is the place of the table for packages that have none.
var others = len(areas) - 2

// area is the table in which a row stands.
func (r row) area() int {
	kind, _, _ := strings.Cut(r.ours, ".")
	first := r.theirs[0]
	switch {
	case r.ours == "":
	case strings.HasPrefix(r.ours, "dl.Tensor"):
		kind = "Tensor"
	case kind == "nn" && (strings.Contains(first, "init.") || strings.Contains(first, "initializers.")):
		kind = "init"
	case kind == "nn" && (strings.Contains(strings.ToLower(first), "loss") || strings.HasPrefix(first, "losses.")):
		kind = "loss"
	}
	i := slices.IndexFunc(areas, func(a struct{ title, packages string }) bool {
		return kind == a.packages || slices.Contains(strings.Fields(a.packages), kind)
	})
	if i < 0 { // of a package that is newer than areas
		return others
	}
	return i
}

// shown are the names of a row as they are written there: without those that differ in their letters' case alone, which
// are for those who guess.
func (r row) shown() string {
	seen, all := map[string]bool{}, []string{}
	for _, name := range r.theirs {
		plain := strings.ToLower(strings.ReplaceAll(name, "_", ""))
		if seen[plain] {
			continue
		}
		seen[plain] = true
		name = strings.TrimPrefix(name, "*")
		if method, ok := strings.CutPrefix(name, "Tensor."); ok {
			name = "x." + method
		}
		all = append(all, "`"+name+"`")
	}
	return strings.Join(all, ", ")
}

// tables are the tables of all areas.
func tables(rows []row) string {
	var b strings.Builder
	for i, area := range areas {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.area() == i }) {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n| there | here | |\n|---|---|---|\n", area.title)
		for _, r := range rows {
			if r.area() != i {
				continue
			}
			ours := ""
			if r.ours != "" {
				ours = "`" + strings.Replace(r.ours, "dl.Tensor.", "x.", 1) + "`"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", r.shown(), ours, strings.ReplaceAll(r.note, "|", `\|`))
		}
	}
	return strings.TrimSpace(b.String())
}

// example is the body of an example, or a type with its methods, as Markdown.
func example(path, name string) (string, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.ParseComments)
	if err != nil {
		return "", err
	}
	cut := func(from, to token.Pos) string {
		return string(source[set.Position(from).Offset:set.Position(to).Offset])
	}
	var text string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			switch {
			case d.Name.Name == "Example_"+name:
				text = cut(d.Body.Lbrace+1, d.Body.Rbrace)
			case d.Name.Name == "New"+name, d.Recv != nil && cut(d.Recv.List[0].Type.Pos(), d.Recv.List[0].Type.End()) == "*"+name:
				text += "\n\n" + cut(d.Pos(), d.End())
			}
		case *ast.GenDecl:
			if spec, ok := d.Specs[0].(*ast.TypeSpec); ok && spec.Name.Name == name {
				text += cut(d.Pos(), d.End())
			}
		}
	}
	if text == "" {
		return "", fmt.Errorf("there is no Example_%s and no type %s in %s", name, name, path)
	}
	text, _, _ = strings.Cut(text, "\t// Output:")
	formatted, err := format.Source([]byte(strings.TrimSpace(text)))
	if err != nil {
		return "", err
	}
	return "```go\n" + string(bytes.TrimSpace(formatted)) + "\n```", nil
}
