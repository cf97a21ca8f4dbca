package dl

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// An array is a tensor in testdata/operations.json and the files of its further parts.
type array struct {
	DType string
	Shape []int
	Data  []json.RawMessage
}

// tensor returns it as Float64, Int64, or the type that is named.
func (a *array) tensor(t *testing.T) *Tensor {
	d := slices.IndexFunc(dtypes[:], func(r dtypeRow) bool { return r.name == a.DType })
	out := New(DType(d), a.Shape...)
	for i, raw := range a.Data {
		v, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
		if err != nil {
			t.Fatal(err)
		}
		out.set(i, v)
	}
	return out
}

// A recorded case is what PyTorch makes of operands: see testdata/operations.py.
type recorded struct {
	Name string
	In   []array
	Out  []array
	Grad []*array
}

func recordedCases(t *testing.T) (cases []recorded) {
	files, err := filepath.Glob("testdata/operations*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var all struct{ Cases []recorded }
		if err := json.Unmarshal(b, &all); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, all.Cases...)
	}
	return cases
}

// operation is what a case's name begins with.
func operation(name string) string {
	op, _, _ := strings.Cut(name, " ")
	return strings.TrimPrefix(op, "dl.")
}

// closeTo reports an element that is not the recorded one, within a tolerance relative to it.
func closeTo(got, want *Tensor, tolerance float64) error {
	if !got.Shape().Equal(want.Shape()) {
		return fmt.Errorf("shape %v, want %v", got.Shape(), want.Shape())
	}
	for i := range want.Size() {
		g, w := got.at(i), want.at(i)
		if !(math.Abs(g-w) <= tolerance*(1+math.Abs(w))) && g != w && !(isNaN(g) && isNaN(w)) {
			return fmt.Errorf("element %d is %v, want %v", i, g, w)
		}
	}
	return nil
}

// Every operation computes what PyTorch does, in float64 and in float32, of views too, with PyTorch's gradients, which
// agree with differences, as those of the gradients themselves do.
func TestOperationsAgainstPyTorch(t *testing.T) {
	used := map[string]bool{}
	for _, c := range recordedCases(t) {
		f := operations[c.Name]
		if f == nil {
			t.Errorf("%s is recorded, but not among the operations of this test", c.Name)
			continue
		}
		used[c.Name] = true
		t.Run(c.Name, func(t *testing.T) { c.run(t, f) })
	}
	for name := range operations {
		if !used[name] {
			t.Errorf("%s has no recorded values: add it to testdata/operations.py", name)
		}
	}
}

func (c *recorded) run(t *testing.T, f op) {
	var xs, want, slim, views []*Tensor
	for i := range c.In {
		x := c.In[i].tensor(t)
		xs, slim, views = append(xs, x), append(slim, x), append(views, sparse(x))
		if x.dtype == Float64 {
			slim[i] = x.To(Float32)
		}
	}
	for i := range c.Out {
		want = append(want, c.Out[i].tensor(t))
	}
	for how, xs := range map[string][]*Tensor{"float64": xs, "float32": slim, "views": views} {
		tolerance := 1e-10
		if how == "float32" {
			tolerance = 2e-5
		}
		got := f(xs)
		if len(got) != len(want) {
			t.Fatalf("%s: %d results, want %d", how, len(got), len(want))
		}
		for k, y := range got {
			if err := closeTo(y, want[k], tolerance); err != nil {
				t.Errorf("%s: result %d: %v", how, k, err)
			}
			if d := want[k].dtype; y.dtype != d && !(how == "float32" && d == Float64 && y.dtype == Float32) {
				t.Errorf("%s: result %d is %v, want %v", how, k, y.dtype, d)
			}
		}
	}
	if c.Grad == nil {
		return
	}
	var floats []*Tensor
	for i, g := range c.Grad {
		if g != nil {
			floats = append(floats, xs[i])
		}
	}
	// loss is a number in which every element of every result counts differently.
	loss := func(given ...*Tensor) *Tensor {
		all := slices.Clone(xs)
		for i, g := range c.Grad {
			if g != nil {
				all[i], given = given[0], given[1:]
			}
		}
		sum := New(Float64)
		for _, y := range f(all) {
			if y.dtype.IsFloat() {
				sum = sum.Add(weigh(y.To(Float64)))
			}
		}
		return sum
	}
	for _, x := range floats {
		x.RequireGrad()
	}
	grads := Grad(loss(floats...), floats...)
	k := 0
	for i, g := range c.Grad {
		if g == nil {
			continue
		}
		if err := closeTo(grads[k], g.tensor(t), 1e-9); err != nil {
			t.Errorf("gradient of operand %d: %v", i, err)
		}
		k++
	}
	if reason := kinks[c.Name]; reason != "" {
		return
	}
	if err := CheckGradients(loss, floats...); err != nil {
		t.Error(err)
	}
	for k, g := range derived(loss, floats...) {
		if err := closeTo(g, grads[k], 1e-9); err != nil {
			t.Errorf("recorded gradient %d: %v", k, err)
		}
	}
	if err := CheckGradients(func(xs ...*Tensor) *Tensor {
		sum := New(Float64)
		for _, x := range xs {
			sum = sum.Add(x.Square().Sum()) // or some would not depend on x
		}
		for _, g := range derived(loss, xs...) {
			sum = sum.Add(weigh(g.Add(g.Square())))
		}
		return sum
	}, floats...); err != nil {
		t.Errorf("second derivative: %v", err)
	}
}

// sparse returns a view with the elements of x that do not lie beside each other.
func sparse(x *Tensor) *Tensor {
	wide := New(x.dtype, append(x.shape.Clone(), 3)...)
	wide.fill(77)
	view := wide.Select(-1, 1)
	view.CopyFrom(x)
	return view
}

// An op computes the results of a recorded case.
type op func(x []*Tensor) []*Tensor

func one(f func(x *Tensor) *Tensor) op {
	return func(x []*Tensor) []*Tensor { return []*Tensor{f(x[0])} }
}

func two(f func(x, y *Tensor) *Tensor) op {
	return func(x []*Tensor) []*Tensor { return []*Tensor{f(x[0], x[1])} }
}

func three(f func(x, y, z *Tensor) *Tensor) op {
	return func(x []*Tensor) []*Tensor { return []*Tensor{f(x[0], x[1], x[2])} }
}

func axes(f func(x *Tensor, axes ...int) *Tensor, over ...int) op {
	return func(x []*Tensor) []*Tensor { return []*Tensor{f(x[0], over...)} }
}

func axis(f func(x *Tensor, axis int) *Tensor, n int) op {
	return func(x []*Tensor) []*Tensor { return []*Tensor{f(x[0], n)} }
}

// Every exported operation has an example, recorded values, and a check of its gradient, or stands in a table with the
// reason why not.
func TestEveryOperationIsCovered(t *testing.T) {
	all := exportedOperations(t)
	shown := shownInExamples(t)
	recordedValues, gradients := map[string]bool{}, map[string]bool{}
	for _, c := range recordedCases(t) {
		recordedValues[operation(c.Name)] = true
		if c.Grad != nil {
			gradients[operation(c.Name)] = true
		}
	}
	for _, name := range all {
		if noOperations[name] != "" {
			if recordedValues[name] {
				t.Errorf("%s is exempted, but has recorded values", name)
			}
			continue
		}
		if !shown[name] {
			t.Errorf("%s is in no example", name)
		}
		if !recordedValues[name] {
			t.Errorf("%s has no recorded values: add a case to testdata/operations.py and to operations", name)
		}
		if !gradients[name] && noGradients[name] == "" {
			t.Errorf("%s has no check of its gradient: add a case with floats, or a reason to noGradients", name)
		}
		if gradients[name] && noGradients[name] != "" {
			t.Errorf("%s is said to have no gradient, but has one", name)
		}
	}
	for _, table := range []map[string]string{noOperations, noGradients} {
		for name := range table {
			if !slices.Contains(all, name) {
				t.Errorf("%s is exempted, but no operation", name)
			}
		}
	}
	if len(all) < 100 {
		t.Errorf("only %d operations found", len(all))
	}
}

// exportedOperations are the exported methods of tensors, and functions of this package, that return a tensor.
func exportedOperations(t *testing.T) (names []string) {
	tensor := reflect.TypeFor[*Tensor]()
	for i := range tensor.NumMethod() {
		m := tensor.Method(i)
		for k := range m.Type.NumOut() {
			if out := m.Type.Out(k); out == tensor || out == reflect.TypeFor[[]*Tensor]() {
				names = append(names, m.Name)
				break
			}
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
				continue
			}
			for _, r := range f.Type.Results.List {
				typ := r.Type
				if list, ok := typ.(*ast.ArrayType); ok {
					typ = list.Elt
				}
				if p, ok := typ.(*ast.StarExpr); ok {
					if id, ok := p.X.(*ast.Ident); ok && id.Name == "Tensor" {
						names = append(names, f.Name.Name)
						break
					}
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// shownInExamples are the names of what is called in the package's examples.
func shownInExamples(t *testing.T) map[string]bool {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Example") {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					shown[s.Sel.Name] = true
				}
				return true
			})
		}
	}
	return shown
}
