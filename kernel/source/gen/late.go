package gen

import (
	"fmt"
	"strings"
)

// A Func is the signature of a function that is called late, its types as they
// are compiled.
type Func struct {
	Name    string
	Params  []string // types; the last may begin with "..."
	Results []string // types
}

// Signature is its type.
func (f Func) Signature() string {
	return "func(" + strings.Join(f.Params, ", ") + ")" + f.results()
}

func (f Func) results() string {
	if f.Results == nil {
		return ""
	}
	return " (" + strings.Join(f.Results, ", ") + ")"
}

// LatePosition is in front of generated code behind a declaration: what goes
// wrong there is not at a place in a cell.
const LatePosition = "\n/*line late.go:1:1*/"

// LateDecl declares the function through which one is called late: it calls what
// the variable now holds, or else the function itself.
//
//	func h__late(x int) int { if f := h__now1; f != nil { return f(x) }; return h(x) }
func (f Func) LateDecl(now string) string {
	var params, args []string
	for i, typ := range f.Params {
		arg := Param(i)
		params = append(params, arg+" "+typ)
		if strings.HasPrefix(typ, "...") {
			arg += "..."
		}
		args = append(args, arg)
	}
	list := "(" + strings.Join(args, ", ") + ")"
	back, end := "return ", ""
	if f.Results == nil {
		back, end = "", "; return"
	}
	return fmt.Sprintf("func %s(%s)%s { if __f := %s; __f != nil { %s__f%s%s }; %s%s%s }\n",
		Late(f.Name), strings.Join(params, ", "), f.results(), now, back, list, end, back, f.Name, list)
}

// VarDecl declares a variable.
func VarDecl(ident, typ string) string { return fmt.Sprintf("var %s %s\n", ident, typ) }

// KeepNow keeps the variable of a late call, and SetNow sets it to a function,
// when a cell is loaded.
func KeepNow(ident string) string          { return keep(ident) }
func SetNow(ident, function string) string { return fmt.Sprintf("\t%s = %s\n", ident, function) }

// Padding is a file that declares local types of functions, from one number to
// another, and its name. The compiler counts such types.
func Padding(from, to int) (file, text string) {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s; func __padding%d() {", Package, from)
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "type t%d int;", i)
	}
	b.WriteString("}\n")
	return fmt.Sprintf("padding%d.go", from), b.String()
}
