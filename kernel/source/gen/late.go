package gen

import (
	"fmt"
	"strings"
)

// A Func is the signature of a function that is called late. The types are written as
// in compiled files.
type Func struct {
	Name    string
	Params  []string // types; the last may begin with "..."
	Results []string // types
}

// Signature returns the type of the function.
func (f Func) Signature() string {
	return "func(" + strings.Join(f.Params, ", ") + ")" + f.results()
}

func (f Func) results() string {
	if f.Results == nil {
		return ""
	}
	return " (" + strings.Join(f.Results, ", ") + ")"
}

// LatePosition separates a declaration of the user from generated code after it:
// errors there are not in a cell.
const LatePosition = "\n/*line late.go:1:1*/"

// LateDecl declares the function through which f is called late. It calls the function
// in the variable now, or f itself if that is nil.
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

// VarDecl returns the declaration of a variable.
func VarDecl(ident, typ string) string { return fmt.Sprintf("var %s %s\n", ident, typ) }

// KeepNow and SetNow are statements that run when a cell is loaded: the linker keeps
// the variable of a late call, and it is set to a function.
func KeepNow(ident string) string          { return keep(ident) }
func SetNow(ident, function string) string { return fmt.Sprintf("\t%s = %s\n", ident, function) }

// Padding returns the name and the text of a file with unused local types, which take
// the numbers from one to another: the compiler counts such types.
func Padding(from, to int) (file, text string) {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s; func __padding%d() {", Package, from)
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "type t%d int;", i)
	}
	b.WriteString("}\n")
	return fmt.Sprintf("padding%d.go", from), b.String()
}
