package dl

import (
	"slices"
	"testing"
)

// BenchmarkMoves times operations whose only work is to read and write memory, in MB of what they must read and write.
// Compare with copy, on one thread.
func BenchmarkMoves(b *testing.B) {
	r := NewRand(1)
	x := r.Normals(0, 1, 2048, 2048).RequireGrad()
	half := r.Normals(0, 1, 1024, 2048).RequireGrad()
	dy := r.Normals(0, 1, 2048, 2048)
	whole, row := 4*x.Size(), 4*2048
	rows := r.Perm(2048)
	to, from := make([]float32, x.Size()), make([]float32, x.Size())
	// backward is the way back through a record alone, which is kept.
	backward := func(y *Tensor) func() {
		given := dy.Flatten(0).Slice(0, 0, y.Size()).Reshape(y.Shape()...)
		return func() {
			x.ZeroGrad()
			half.ZeroGrad()
			y.BackwardWith(BackwardOptions{Gradient: given, RetainGraph: true})
		}
	}
	for _, c := range []struct {
		name  string
		bytes int
		f     func()
	}{
		{"copy", 2 * whole, func() { copy(to, from) }},
		{"Clone", 2 * whole, func() { x.packed().AddScalar(0) }},
		{"TransposeCopy", 2 * whole, func() { x.T().packed() }},
		{"Concat", 2 * whole, func() { Concat(0, half, half) }},
		{"ConcatColumns", 2 * whole, func() { Concat(1, x.Slice(1, 0, 1000), x.Slice(1, 1000, 2048)) }},
		{"Stack", 2 * whole, func() { Stack(half, half) }},
		{"Rows", 2 * whole, func() { x.Rows(rows) }},
		{"SliceGradient", 3 * whole / 2, backward(x.Slice(1, 0, 1024))},
		{"SplitGradient", 2 * whole, backward(Concat(0, x.Slice(1, 0, 1024), x.Slice(1, 1024, 2048)))},
		{"ConcatGradient", 2 * whole, backward(Concat(0, half, x.Slice(0, 0, 1024)))},
		{"StackGradient", 2 * whole, backward(Stack(half, x.Slice(0, 0, 1024)))},
		{"RowsGradient", 2 * whole, backward(x.Rows(rows))},
		{"Square", 2 * whole, func() { x.Square() }},
		{"SquareOfColumns", whole, func() { x.Slice(1, 512, 1536).Square() }},
		{"SquareOfTransposed", 2 * whole, func() { x.T().Square() }},
		{"Sum", whole, func() { x.Sum() }},
		{"SumFirstAxis", whole + row, func() { x.Sum(0) }},
		{"SumLastAxis", whole + row, func() { x.Sum(1) }},
		{"SumOfColumns", whole / 2, func() { x.Slice(1, 512, 1536).Sum() }},
		{"SumFirstAxisOfColumns", whole / 2, func() { x.Slice(1, 512, 1536).Sum(0) }},
		{"SumLastAxisOfColumns", whole / 2, func() { x.Slice(1, 512, 1536).Sum(1) }},
		{"SumOfTransposed", whole, func() { x.T().Sum() }},
		{"SumMiddleAxis", whole, func() { x.Reshape(64, 256, 256).Sum(1) }},
		{"SumOuterAxes", whole, func() { x.Reshape(64, 256, 256).Sum(0, 2) }},
		{"SumMiddleAxisGradient", whole, backward(x.Reshape(64, 256, 256).Sum(1))},
		{"MaxFirstAxis", whole + row, func() { x.Detach().Max(0) }},
		{"MaxLastAxis", whole + row, func() { x.Detach().Max(1) }},
		{"MaxOfColumns", whole / 2, func() { x.Detach().Slice(1, 512, 1536).Max(1) }},
		{"ArgMaxLastAxis", whole, func() { x.ArgMax(1) }},
		{"ArgMaxOfTransposed", whole, func() { x.T().ArgMax(0) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			arena := NewArena()
			b.SetBytes(int64(c.bytes))
			arena.Run(c.f)
			for b.Loop() {
				arena.Run(c.f)
			}
		})
	}
	if !slices.Equal(to, from) {
		b.Error("not copied")
	}
}
