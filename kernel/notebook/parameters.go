package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Parameter is a variable that a run of the notebook sets.
type Parameter struct {
	Name, Value string
	typ         string // of a list or map
}

func (p Parameter) String() string {
	if p.Value == "" {
		return p.Name + " " + p.typ
	}
	return p.Name + " = " + p.Value
}

// ParseParameter reads NAME=VALUE. A VALUE that is not a Go literal is a string.
func ParseParameter(s string) (Parameter, error) {
	name, value, ok := strings.Cut(s, "=")
	if !ok || !token.IsIdentifier(name) {
		return Parameter{}, fmt.Errorf("%q: want NAME=VALUE with a Go identifier as NAME", s)
	}
	if e, err := parser.ParseExpr(value); err != nil || !isLiteral(e) {
		value = strconv.Quote(value)
	}
	return Parameter{Name: name, Value: value}, nil
}

func isLiteral(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit, *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		return isLiteral(e.X)
	case *ast.Ident:
		return e.Name == "true" || e.Name == "false"
	}
	return false
}

// Tags of cells, papermill's convention.
const (
	parametersTag = "parameters"
	injectedTag   = "injected-parameters"
)

// Declared lists the variables that the notebook's cell tagged "parameters"
// makes, with their values as Go source.
func (nb *Notebook) Declared() []Parameter {
	at := nb.parametersCell()
	if at < 0 {
		return nil
	}
	fset, src := token.NewFileSet(), "package p; func _() {\n"+blankCommands(nb.Cells[at].Source)+"\n}"
	f, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if f == nil || err != nil {
		return nil
	}
	var all []Parameter
	add := func(name string, typ, value ast.Expr) {
		p := Parameter{Name: name}
		switch {
		case value != nil:
			p.Value = src[fset.Position(value.Pos()).Offset:fset.Position(value.End()).Offset]
			if lit, ok := value.(*ast.CompositeLit); ok && lit.Type != nil {
				p.typ = types.ExprString(lit.Type)
			}
		case typ != nil:
			p.typ = types.ExprString(typ)
		}
		all = append(all, p)
	}
	for _, stmt := range f.Decls[0].(*ast.FuncDecl).Body.List {
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			for i, l := range stmt.Lhs {
				if id, ok := l.(*ast.Ident); ok && len(stmt.Lhs) == len(stmt.Rhs) && stmt.Tok == token.DEFINE {
					add(id.Name, nil, stmt.Rhs[i])
				}
			}
		case *ast.DeclStmt:
			d, ok := stmt.Decl.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				v := spec.(*ast.ValueSpec)
				for i, id := range v.Names {
					var value ast.Expr
					if i < len(v.Values) {
						value = v.Values[i]
					}
					add(id.Name, v.Type, value)
				}
			}
		}
	}
	return all
}

// blankCommands empties the lines that are not Go.
func blankCommands(source string) string {
	lines := strings.Split(source, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "%") || strings.HasPrefix(l, "!") {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

// Fill replaces {name} in a path by the value of the parameter, from the list or
// from the notebook.
func (nb *Notebook) Fill(path string, parameters []Parameter) string {
	for _, p := range slices.Concat(nb.Declared(), parameters) {
		value := p.Value
		for _, other := range parameters { // the last one counts
			if other.Name == p.Name {
				value = other.Value
			}
		}
		if text, err := strconv.Unquote(value); err == nil {
			value = text
		}
		path = strings.ReplaceAll(path, "{"+p.Name+"}", strings.ReplaceAll(value, "/", "_"))
	}
	return path
}

func (nb *Notebook) parametersCell() int {
	return slices.IndexFunc(nb.Cells, func(c *Cell) bool { return c.Type == "code" && slices.Contains(c.Tags, parametersTag) })
}

// ReadParameters reads parameters from the JSON object in a file. A list
// becomes a slice of the type that the notebook's parameter has.
func (nb *Notebook) ReadParameters(b []byte) ([]Parameter, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return nil, fmt.Errorf("parameters are a JSON object, {\"name\": value, ...}: %w", err)
	}
	var all []Parameter
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !token.IsIdentifier(name) {
			return nil, fmt.Errorf("%q cannot be a variable of Go", name)
		}
		typ := ""
		for _, d := range nb.Declared() {
			if d.Name == name {
				typ = d.typ
			}
		}
		value, err := goLiteral(object[name], typ)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", name, err)
		}
		all = append(all, Parameter{Name: name, Value: value})
	}
	return all, nil
}

// goLiteral writes a JSON value as Go source.
func goLiteral(v any, typ string) (string, error) {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v), nil
	case bool, json.Number:
		return fmt.Sprint(v), nil
	case []any, map[string]any:
		if typ == "" {
			return "", errors.New("the notebook's parameter is neither a list nor a map")
		}
		var parts []string
		list, ok := v.([]any)
		for _, e := range list {
			text, err := goLiteral(e, strings.TrimPrefix(typ, "[]"))
			if err != nil {
				return "", err
			}
			parts = append(parts, text)
		}
		if !ok {
			object := v.(map[string]any)
			for _, key := range slices.Sorted(maps.Keys(object)) {
				text, err := goLiteral(object[key], "")
				if err != nil {
					return "", err
				}
				parts = append(parts, strconv.Quote(key)+": "+text)
			}
		}
		return typ + "{" + strings.Join(parts, ", ") + "}", nil
	}
	return "", fmt.Errorf("a value of type %v cannot be written in Go", v)
}

// Inject puts a cell that sets the parameters behind the cell tagged
// "parameters", which must make variables of these names. A cell injected by
// an earlier run is replaced.
func (nb *Notebook) Inject(parameters []Parameter) error {
	if len(parameters) == 0 {
		return nil
	}
	nb.Cells = slices.DeleteFunc(nb.Cells, func(c *Cell) bool { return slices.Contains(c.Tags, injectedTag) })
	at := nb.parametersCell()
	if at < 0 {
		return errors.New("the notebook has no code cell tagged \"parameters\" whose values could be set")
	}
	var names []string
	composite := map[string]string{} // types of lists and maps
	for _, d := range nb.Declared() {
		names = append(names, d.Name)
		composite[d.Name] = d.typ
	}
	source := "// Set for this run."
	for _, p := range parameters {
		if len(names) > 0 && !slices.Contains(names, p.Name) {
			return fmt.Errorf("the notebook has no parameter %s; there are %s", p.Name, strings.Join(names, ", "))
		}
		if text, err := strconv.Unquote(p.Value); err == nil && composite[p.Name] != "" { // --set name=[1,2]
			var v any
			dec := json.NewDecoder(strings.NewReader(text))
			dec.UseNumber()
			if dec.Decode(&v) == nil {
				if p.Value, err = goLiteral(v, composite[p.Name]); err != nil {
					return fmt.Errorf("parameter %s: %w", p.Name, err)
				}
			}
		}
		source += "\n" + p.Name + " = " + p.Value
	}
	nb.Cells = slices.Insert(nb.Cells, at+1, NewCode(source, injectedTag))
	return nil
}
