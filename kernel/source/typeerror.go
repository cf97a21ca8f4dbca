package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"sync"
)

// A Problem is what a type check finds wrong, as far as the kernel cares.
type Problem uint8

// The problems. All that are not named are OtherProblem.
const (
	OtherProblem   Problem = iota
	Detail                 // of the error before
	UndefinedName          // a name by itself
	UnknownMember          // a field or method
	UnknownExport          // a name of a package
	UnusedVariable         // declared and not used
	UnusedImport           // imported and not used
	UnusedValue            // an expression as a statement
	InitCycle              // variables that need one another
	BarePackage            // a package's name without a selector
	BadSyntax              // what go/parser accepts and the compiler does not
	BadConversion          // of a value that the type cannot have
	WrongArgCount          // of a call or conversion
	CalledType             // set by package session: a type that is called like a function
)

// samples are programs with one problem each. They tell how the go/types at hand
// marks it.
var samples = []struct {
	problem Problem
	text    string
}{
	{UndefinedName, "var _ = x"},
	{UnknownMember, "var _ = struct{}{}.x"},
	{UnknownMember, "var _ = struct{}{x: 1}"},
	{UnknownExport, "var _ = unsafe.X"},
	{UnusedVariable, "func _() { x := 1 }"},
	{UnusedImport, ""},
	{UnusedValue, "func _() { 1 }"},
	{InitCycle, "var x = f(); func f() int { return x }"},
	{BarePackage, "var _ = unsafe"},
	{BadSyntax, "func _(x struct{ y int }) { x.y := 1 }"},
	{BadSyntax, "func _(x struct{ y int }) { for x.y := range 3 {} }"},
	{BadConversion, "type T struct{}; var _ = T(1)"},
	{WrongArgCount, "type T struct{}; var _ = T()"},
}

// codes leads from the marks of go/types to problems. go/types keeps the marks
// in an unexported field, of which its documentation says that it may be read by
// reflection and may change. So the numbers are not taken for granted: the check
// of the samples tells them.
var codes = sync.OnceValue(func() map[int64]Problem {
	all := map[int64]Problem{}
	for _, s := range samples {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "", "package p;import \"unsafe\";"+s.text, 0)
		if err != nil {
			continue
		}
		first := true
		conf := types.Config{Importer: onlyUnsafe{}, Error: func(err error) {
			e := err.(types.Error)
			// Only the sample for it is about the unused import.
			if first && (s.text == "" || e.Pos > f.Decls[0].End()) {
				first = false
				if code, ok := codeOf(e); ok {
					all[code] = s.problem
				}
			}
		}}
		conf.Check("p", fset, []*ast.File{f}, nil) // the errors are what is wanted
	}
	return all
})

// onlyUnsafe imports the package of the samples.
type onlyUnsafe struct{}

func (onlyUnsafe) Import(string) (*types.Package, error) { return types.Unsafe, nil }

func codeOf(e types.Error) (code int64, ok bool) {
	field := reflect.ValueOf(e).FieldByName("go116code")
	if !field.IsValid() || !field.CanInt() {
		return 0, false
	}
	return field.Int(), true
}

// ProblemOf is what an error of a type check is about.
func ProblemOf(e types.Error) Problem {
	if strings.HasPrefix(e.Msg, "\t") { // as the documentation of types.Config says
		return Detail
	}
	code, _ := codeOf(e)
	return codes()[code]
}

// NameAt is the identifier that begins at a position, nil for none.
func NameAt(files []*ast.File, pos token.Pos) (name *ast.Ident) {
	for _, f := range files {
		if pos < f.FileStart || f.FileEnd < pos {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Pos() == pos {
				name = id
			}
			return name == nil && n != nil && n.Pos() <= pos && pos <= n.End()
		})
	}
	return name
}
