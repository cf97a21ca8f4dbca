package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"modelbook/kernel/source"
)

// Loops finds the outermost loops in the body of fn whose variables can be
// copied for the time of the loop, each with its label if it has one. Not among
// them are loops in function literals, measured ones, those with a range over a
// function in them (its body is a function, too), and those in which other cells
// get their turn: a cell of another shell may change a variable meanwhile, and the
// loop must see that. Of such a loop, the loops inside are asked about.
func Loops(c source.Checked, fn *ast.FuncDecl) (loops []ast.Stmt) {
	targets := map[string]bool{} // labels that a goto goes to: nothing fits between them and their loop
	ast.Inspect(fn, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO {
			targets[b.Label.Name] = true
		}
		return true
	})
	ast.PreorderStack(fn, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return isTimeit(stack[len(stack)-1])
		case *ast.ForStmt:
			if IsMeasured(n) || IsBenchmarked(c, n.Cond) {
				return true
			}
		case *ast.RangeStmt:
		default:
			return true
		}
		loop := n.(ast.Stmt)
		if label, ok := stack[len(stack)-1].(*ast.LabeledStmt); ok {
			if targets[label.Label.Name] {
				return true
			}
			loop = label
		}
		if rangesOverFunc(c, n) || takesLong(c, n) {
			return true
		}
		loops = append(loops, loop)
		return false
	})
	return loops
}

// rangesOverFunc reports whether a loop is, or has in it, a range over a
// function.
func rangesOverFunc(c source.Checked, loop ast.Node) (found bool) {
	ast.Inspect(loop, func(n ast.Node) bool {
		if r, ok := n.(*ast.RangeStmt); ok {
			_, isFunc := c.Info.TypeOf(r.X).Underlying().(*types.Signature)
			found = found || isFunc
		}
		_, isLit := n.(*ast.FuncLit)
		return !found && !isLit
	})
	return found
}

// quick are the packages whose functions return at once.
var quick = []string{"cmp", "math", "math/bits", "math/cmplx", "math/rand", "math/rand/v2", "strconv", "unicode", "unicode/utf8"}

// takesLong reports whether a loop may wait, or calls a function of which it is
// not known that it returns at once.
func takesLong(c source.Checked, loop ast.Node) (found bool) {
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit: // a call of it is one of a function's
			return false
		case *ast.SelectStmt, *ast.SendStmt, *ast.DeferStmt:
			found = true
		case *ast.RangeStmt:
			_, channel := c.Info.TypeOf(n.X).Underlying().(*types.Chan)
			found = found || channel
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.CallExpr:
			f := c.Info.Types[n.Fun]
			fn := Callee(c, n.Fun)
			found = found || !f.IsBuiltin() && !f.IsType() && (fn == nil || fn.Pkg() == nil || !slices.Contains(quick, fn.Pkg().Path()))
		}
		return !found
	})
	return found
}

// A Copy is a variable that a loop may use a copy of.
type Copy struct {
	Idents []*ast.Ident // that name it, outside of function literals
	Writes []Write      // of its memory
	// Left says that there is an assignment with no place for the second write.
	Left bool
}

// A Write copies a variable, or a field of it, to memory: behind a statement, or
// at the head of a block.
type Write struct {
	At     token.Pos
	AtHead bool
	Field  string // ".a.b", "" for all of the variable
}

// Copies finds the variables of a loop that may be copied, by name. name gives
// the name of the variable that an object stands for, "" for one that must not be
// copied.
func Copies(c source.Checked, loop ast.Stmt, name func(types.Object) string) map[string]*Copy {
	all := map[string]*Copy{}
	of := func(id *ast.Ident) *Copy {
		obj := c.Info.Uses[id]
		if obj == nil {
			return nil
		}
		key := name(obj)
		if key == "" || !isCopied(obj.Type()) {
			return nil
		}
		if all[key] == nil {
			all[key] = &Copy{}
		}
		return all[key]
	}
	ast.PreorderStack(loop, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			if v := of(n); v != nil {
				v.Idents = append(v.Idents, n)
			}
		default:
			targets := Assigned(n)
			for _, e := range targets {
				id := MemoryOf(c, e)
				if id == nil {
					continue
				}
				if v := of(id); v != nil {
					v.secondWrite(c, e, n, stack)
					// a, x[i] = 1, 2 may assign a and then panic. And two writes of a slice
					// cost more than is gained: x = append(x, 1) mostly writes its length.
					v.Left = v.Left || isSlice(c, e) || !ArePlaces(c, targets...)
				}
			}
		}
		return true
	})
	return all
}

// isCopied reports whether variables of a type get copies: those that the
// compiler keeps in registers, and that are changed only as a whole or by field.
func isCopied(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Kind() != types.UnsafePointer
	case *types.Slice, *types.Map, *types.Pointer:
		return true
	case *types.Struct:
		return isSmall(t) && types.SizesFor("gc", "amd64").Sizeof(t) <= 32
	}
	return false
}

// isSmall reports whether a struct, and every struct in it, has at most four
// fields and no array.
func isSmall(t *types.Struct) bool {
	for i := range t.NumFields() {
		switch f := t.Field(i).Type().Underlying().(type) {
		case *types.Array:
			return false
		case *types.Struct:
			if !isSmall(f) {
				return false
			}
		}
	}
	return t.NumFields() <= 4
}

func isSlice(c source.Checked, e ast.Expr) bool {
	_, ok := c.Info.TypeOf(e).Underlying().(*types.Slice)
	return ok
}

// secondWrite notes where the memory of a variable, or of a field of it, is
// written that a statement assigns: behind it, at the head of a block, or both.
// Nothing that can fail or read the variable may be between the assignment and
// the write.
func (v *Copy) secondWrite(c source.Checked, target ast.Expr, n ast.Node, stack []ast.Node) {
	_, field := Place(c, target)
	note := func(at token.Pos, atHead bool) {
		if w := (Write{at, atHead, field}); !slices.Contains(v.Writes, w) {
			v.Writes = append(v.Writes, w)
		}
	}
	if r, ok := n.(*ast.RangeStmt); ok { // it assigns when the body begins
		note(r.Body.Lbrace+1, true)
		return
	}
	var parent ast.Node
	if len(stack) > 0 {
		parent = stack[len(stack)-1]
	}
	switch parent := parent.(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.LabeledStmt:
		note(n.End(), false)
		return
	case *ast.ForStmt: // behind init and post comes the condition, then the body or the end
		if parent.Cond == nil || Quiet(c, parent.Cond) {
			note(parent.Body.Lbrace+1, true)
			note(parent.End(), false)
			return
		}
	}
	v.Left = true
	v.Writes = append(v.Writes, Write{Field: field}) // of a loop that writes at its end
}
