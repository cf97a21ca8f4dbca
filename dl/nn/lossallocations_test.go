//go:build !race && !checked

package nn

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"modelbook/dl"
)

// A training step with any loss allocates nothing, whatever its options: those of the recorded cases, also from logits,
// and with weights of samples.
func TestLossesAllocateNothing(t *testing.T) {
	seen := map[string]bool{}
	count := func(name string, inputs []*dl.Tensor, step func() *dl.Tensor) {
		first, _, _ := strings.Cut(name, " ")
		seen[strings.ToLower(first)] = true
		if n := allocations(&Model{}, inputs, step); n > 0 {
			t.Errorf("%s: %v allocations a step", name, n)
		}
	}
	for _, area := range sortedNames(areas) {
		for _, c := range recordedCases(t, area) {
			subject := areas[area][c.Name]
			if k, ok := subject.(kinked); ok {
				subject = k.subject
			}
			xs, _ := c.inputs(t, dl.Float32)
			switch subject := subject.(type) {
			case Loss:
				if len(xs) != 2 {
					t.Fatalf("%s has %d inputs", c.Name, len(xs))
				}
				count(c.Name, xs, func() *dl.Tensor { return subject.Compute(xs[0], xs[1], false, nil) })
				if subject.Weighable() {
					values := subject.Values(xs[0], xs[1], false)
					weight := dl.Ones(values.Shape()...)
					count(c.Name+" of weighted samples", xs, func() *dl.Tensor { return subject.Compute(xs[0], xs[1], false, weight) })
					if values.Rank() > 0 {
						weight := dl.Ones(values.Dim(0))
						count(c.Name+" with a weight for each sample", xs, func() *dl.Tensor { return subject.Compute(xs[0], xs[1], false, weight) })
					}
				}
				if subject.FromLogits != nil {
					count(c.Name+" from logits", xs, func() *dl.Tensor { return subject.Compute(xs[0], xs[1], true, nil) })
				}
			case func(a, b *dl.Tensor) *dl.Tensor:
				count(c.Name, xs, func() *dl.Tensor { return subject(xs[0], xs[1]) })
			case func(a, b, c *dl.Tensor) *dl.Tensor:
				count(c.Name, xs, func() *dl.Tensor { return subject(xs[0], xs[1], xs[2]) })
			}
		}
	}
	for _, name := range lossNames(t) {
		if !seen[strings.ToLower(name)] {
			t.Errorf("no step with %s is counted: add a recorded case to testdata/losses.py", name)
		}
	}
}

// lossNames are the exported losses: variables, and types with a method Of.
func lossNames(t *testing.T) (names []string) {
	for _, l := range losses() {
		names = append(names, pascal(l.Name))
	}
	methods := 0
	for _, name := range sourceFiles(t, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }) {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "Of" {
				names, methods = append(names, typeText(f.Recv.List[0].Type)), methods+1
			}
		}
	}
	if methods < 9 {
		t.Errorf("only %d losses of several tensors are found", methods)
	}
	return names
}
