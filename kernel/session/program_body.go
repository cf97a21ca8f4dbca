package session

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// statements writes the statements of a cell into a Program: variables are local to
// main if possible, errors that the cell does not look at are checked, and the last
// expression is shown.
func (l *listing) statements(pg *page, cell *Statements) {
	fn := pg.body.Body()
	cell.Own = jumps(fn.Body) || pg.cell.Raises
	for _, name := range sortedKeys(pg.lifted) {
		if v := pg.lifted[name]; l.global[v.ident()] && !l.made[v.ident()] {
			l.made[v.ident()], pg.first[v.ident()] = true, true
			l.program.Vars = append(l.program.Vars, Declaration{Cell: pg.cell.Number, Text: l.declare(pg, v, l.program.DeclImports)})
		}
	}
	_, ends := ranges(pg.cell.Number, pg.cell.Stmts, pg.body.Header)
	front := make([]string, len(ends)) // for each piece: declarations in front of it
	for _, stmt := range fn.Body.List {
		k, _ := slices.BinarySearch(ends, pg.fset.PositionFor(stmt.Pos(), false).Offset)
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			if stmt.Tok == token.DEFINE {
				front[k] += l.define(pg, cell, stmt)
			}
		case *ast.DeclStmt:
			if d := stmt.Decl.(*ast.GenDecl); d.Tok == token.VAR {
				front[k] += l.defineVar(pg, cell, d)
			}
		}
	}
	l.checkDropped(pg, fn)
	if last, ok := lastStmt(fn).(*ast.ExprStmt); ok {
		l.show(pg, last)
	}
	l.rename(pg, pg.body, pg.stmts, l.program.MainImports)
	for i, text := range pieces(pg, pg.body, pg.cell.Stmts, pg.body.Header) {
		cell.Stmts = append(cell.Stmts, front[i]+text)
	}
}

// pieces returns the edited statements that stand in a unit from an offset on.
func pieces(pg *page, u *unit, all []Piece, at int) (texts []string) {
	starts, ends := ranges(pg.cell.Number, all, at)
	for i, from := range starts {
		start := u.Syntax.FileStart + token.Pos(from)
		edits := pg.edits[u].Within(start, u.Syntax.FileStart+token.Pos(ends[i]))
		texts = append(texts, gen.WithoutLines(edits.Apply(u.Text[from:ends[i]], start)))
	}
	return texts
}

// ranges returns the offsets of statements in the text of a unit, from an offset on.
func ranges(cell int, all []Piece, at int) (starts, ends []int) {
	for _, piece := range all {
		at += len(gen.Line(cell, piece.Line, piece.Col))
		starts, ends = append(starts, at), append(ends, at+len(piece.Text))
		at += len(piece.Text) + len(";\n")
	}
	return starts, ends
}

// jumps reports whether statements must stand in a function of their own.
func jumps(body *ast.BlockStmt) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.DeferStmt, *ast.LabeledStmt:
			found = true
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "recover" {
				found = true
			}
		}
		return !found
	})
	return found
}

// declare returns the declaration of a variable, and adds what its type needs to
// imports.
func (l *listing) declare(pg *page, v *variable, imports map[string]string) string {
	return "var " + l.name(thing{variable: v.ident()}, v.name) + " " + l.typeText(pg, v, imports)
}

// typeText returns the type of a variable in the program.
func (l *listing) typeText(pg *page, v *variable, imports map[string]string) string {
	var edits edit.List
	at := func(id *ast.Ident, name string) {
		edits.Replace(id.Pos(), id.End(), name)
	}
	if expr, err := parser.ParseExpr(v.typ); err == nil {
		ast.Inspect(expr, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok && v.paths[id.Name] != "" {
					path := v.paths[id.Name]
					name := l.name(thing{path: path}, pg.packageName(path))
					imports[name] = path
					l.program.Packages[path] = pg.packageName(path)
					at(id, name)
				}
			}
			return true
		})
	}
	eachTypeName(v.typ, func(id *ast.Ident) {
		if source.DeclName(gen.Plain(id.Name)) != id.Name {
			return // a predeclared type
		}
		if name := l.owned(pg, gen.Plain(id.Name)); name != id.Name {
			at(id, name)
		}
	})
	return edits.Apply(v.typ, edit.InExpr)
}

// zero returns the zero value of a variable.
func (l *listing) zero(pg *page, v *variable, t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsString != 0:
			return `""`
		case u.Info()&types.IsBoolean != 0:
			return "false"
		case u.Info()&types.IsNumeric != 0:
			return "0"
		}
		return "nil"
	case *types.Struct, *types.Array:
		return l.typeText(pg, v, l.program.MainImports) + "{}"
	}
	return "nil"
}

func (pg *page) packageName(path string) string {
	if pkg, err := pg.s.imp.Import(path); err == nil {
		return pkg.Name()
	}
	return path[strings.LastIndex(path, "/")+1:]
}

// fresh returns the variables among names that the program has not declared yet, and
// counts them as declared. plain reports that all names can be declared in main where
// they stand.
func (l *listing) fresh(pg *page, cell *Statements, names []ast.Expr) (made []*variable, plain bool) {
	plain = !cell.Own
	for _, e := range names {
		id, ok := e.(*ast.Ident)
		if !ok || id.Name == "_" {
			continue
		}
		v := pg.variableOf(pg.stmts.Info.ObjectOf(id), pg.stmts)
		if v == nil {
			continue // its type cannot be named: it stays local
		}
		plain = plain && !l.global[v.ident()]
		if !l.made[v.ident()] {
			l.made[v.ident()], pg.first[v.ident()] = true, true
			made = append(made, v)
		}
	}
	return made, plain
}

// ahead declares variables in front of a statement, or in front of the function of
// the cell.
func (l *listing) ahead(pg *page, cell *Statements, made []*variable) (front string) {
	for _, v := range made {
		text := l.declare(pg, v, l.program.MainImports)
		if cell.Own {
			cell.Locals = append(cell.Locals, text)
		} else {
			front += text + "\n"
		}
	}
	return front
}

// define writes x := y: it stays if all variables are local to main and one is new.
func (l *listing) define(pg *page, cell *Statements, stmt *ast.AssignStmt) (front string) {
	made, plain := l.fresh(pg, cell, stmt.Lhs)
	unnamed := slices.ContainsFunc(stmt.Lhs, func(e ast.Expr) bool { return pg.local[e.(*ast.Ident).Name] })
	if plain && (len(made) > 0 || unnamed) || unnamed {
		return ""
	}
	pg.edits[pg.body].Replace(stmt.TokPos, stmt.TokPos+2, "=")
	return l.ahead(pg, cell, made)
}

// defineVar writes var x T: it stays if x is local to main and new.
func (l *listing) defineVar(pg *page, cell *Statements, d *ast.GenDecl) (front string) {
	var names []ast.Expr
	count := 0
	for _, spec := range d.Specs {
		for _, n := range spec.(*ast.ValueSpec).Names {
			if names = append(names, n); n.Name != "_" {
				count++
			}
			if pg.local[n.Name] {
				return ""
			}
		}
	}
	made, plain := l.fresh(pg, cell, names)
	if plain && len(made) == count {
		return ""
	}
	edits := pg.edits[pg.body]
	edits.Remove(d.Pos(), d.Specs[0].Pos(), "")
	if d.Rparen.IsValid() {
		edits.Remove(d.Rparen, d.Rparen+1, "")
	}
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		if len(v.Values) > 0 {
			if v.Type != nil {
				edits.Remove(v.Names[len(v.Names)-1].End(), v.Type.End(), "")
			}
			continue
		}
		var zero, left []string
		for _, n := range v.Names {
			if lv := pg.lifted[n.Name]; n.Name != "_" && !pg.first[lv.ident()] { // a new one is zero
				left = append(left, l.name(thing{variable: lv.ident()}, n.Name))
				zero = append(zero, l.zero(pg, lv, pg.stmts.Info.ObjectOf(n).Type()))
			}
		}
		text := ""
		if len(left) > 0 {
			text = strings.Join(left, ", ") + " = " + strings.Join(zero, ", ")
		}
		edits.Remove(v.Pos(), v.End(), text)
	}
	return l.ahead(pg, cell, made)
}

// checkDropped inserts checks of the errors that the statements drop.
func (l *listing) checkDropped(pg *page, fn *ast.FuncDecl) {
	edits := pg.edits[pg.body]
	for _, d := range droppedErrors(pg.checkedCell, fn) {
		name := d.ID.Name
		if v := pg.variableOf(pg.stmts.Info.ObjectOf(d.ID), pg.stmts); v != nil {
			name = l.name(thing{variable: v.ident()}, v.name)
		}
		*edits = append(*edits, lookBehind(d, "\n"+CheckFunc+"("+name+")")...)
	}
}

// show inserts the code that shows the last expression of a cell.
func (l *listing) show(pg *page, stmt *ast.ExprStmt) {
	edits := pg.edits[pg.body]
	how, function := showingOf(pg.checkedCell, stmt)
	before, after := "", ")"
	must := func() {
		n := pg.stmts.Info.Types[stmt.X].Type.(*types.Tuple).Len() - 1
		if n <= 3 {
			before += MustFunc
			if n > 1 {
				before += fmt.Sprint(n)
			}
			before, after = before+"(", after+")"
		}
	}
	switch how {
	case showNoConstant:
		edits.Remove(stmt.Pos(), stmt.End(), "")
		return
	case showConstant:
		name := l.name(thing{path: "fmt"}, "fmt")
		l.program.MainImports[name] = "fmt"
		l.program.Packages["fmt"] = "fmt"
		edits.Remove(stmt.Pos(), stmt.End(), fmt.Sprintf("%s.Println(%q)", name, constantText(pg.stmts.Info.Types[stmt.X].Value)))
		return
	case showValue:
		before = ShowFunc + "("
		if function != "" {
			i := strings.LastIndex(function, ".")
			name := l.name(thing{path: function[:i]}, pg.packageName(function[:i]))
			l.program.MainImports[name] = function[:i]
			before, after = before+name+function[i:]+"(", "))"
		}
	case showValueAndError:
		before = ShowFunc + "("
		must()
	case raiseError:
		before = CheckFunc + "("
	case raiseLastError:
		if isPrinting(stmt.X) {
			return
		}
		after = ""
		must()
	case showQuietly:
		if _, call := ast.Unparen(stmt.X).(*ast.CallExpr); call {
			return
		}
		before, after = "_ = ", ""
	default:
		return
	}
	edits.Wrap(stmt, gen.Wrap{Before: before, After: after})
}

// sorted sorts declarations by their places.
func sorted(all []Declaration) {
	slices.SortStableFunc(all, func(a, b Declaration) int { return cmp.Or(cmp.Compare(a.Cell, b.Cell), cmp.Compare(a.Line, b.Line)) })
}
