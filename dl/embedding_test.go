package dl

import (
	"math"
	"slices"
	"sync"
	"testing"
)

// touched is a visitor that leaves zeros alone and notes what it gets.
type touched struct {
	sync.Mutex
	grad map[int][]float32
}

func (v *touched) SkipsZeros() bool           { return true }
func (v *touched) Uses(int, int) [3][]float32 { return [3][]float32{} }
func (v *touched) Visit(lo, hi int, grad []float32) {
	v.Lock()
	v.grad[lo] = slices.Clone(grad)
	v.Unlock()
}

// A table's gradient is kept by rows in an arena: who can gets the rows that occurred, each once, others get it whole.
func TestRowsOfEmbeddings(t *testing.T) {
	const rows, columns = 1000, 8
	r := NewRand(4)
	table, u := r.Normals(0, 1, rows, columns).RequireGrad(), r.Normals(0, 1, 6, columns)
	tokens := Of([]int32{7, 999, 7, 0, 31, 7}, 2, 3)
	backward := func() { Embedding(table, tokens).Reshape(6, columns).Mul(u).Sum().Backward() }
	backward()
	want := slices.Clone(table.Grad().f32())
	arena := NewArena()
	for _, c := range []struct {
		name   string
		factor float32
		use    func()
	}{
		{"by rows", 1, func() {
			v := &touched{grad: map[int][]float32{}}
			if !table.visitGrad(v) || len(v.grad) != 4 {
				t.Fatalf("%d rows are visited, 4 have a gradient", len(v.grad))
			}
			for at, row := range v.grad {
				if !slices.Equal(row, want[at:at+columns]) {
					t.Errorf("row %d is %v, want %v", at/columns, row, want[at:at+columns])
				}
			}
		}},
		{"whole, to a visitor", 1, func() {
			got := &gathered{grad: make([]float32, len(want))}
			if table.visitGrad(got); got.seen != len(want) || !slices.Equal(got.grad, want) {
				t.Error("a visitor that takes all elements gets others")
			}
		}},
		{"whole, by Grad", 1, func() { table.Grad() }},
		{"at the end", 1, func() {}},
		{"twice", 2, func() { backward() }},
	} {
		table.ZeroGrad()
		arena.Run(func() {
			backward()
			if !table.due.rows {
				t.Errorf("%s: the gradient is not kept by rows", c.name)
			}
			c.use()
		})
		for i, g := range table.Grad().f32() {
			if !(math.Abs(float64(g-c.factor*want[i])) <= 1e-6) {
				t.Fatalf("%s: element %d is %v, want %v", c.name, i, g, c.factor*want[i])
			}
		}
	}
}

// In its steady state a step of an embedding allocates nothing, whatever the tokens.
func TestStepsOfEmbeddingsAllocateNothing(t *testing.T) {
	if !countable() {
		t.Skip("allocations are not the operations' own")
	}
	r := NewRand(4)
	table, arena := r.Normals(0, 1, 5000, 16).RequireGrad(), NewArena()
	v := &gathered{grad: make([]float32, table.size)}
	batches := make([]*Tensor, 8)
	for i := range batches {
		batches[i] = r.Integers(0, 5000, 4, 8)
	}
	turn := 0
	step := func() {
		arena.Run(func() {
			Embedding(table, batches[turn%len(batches)]).Sum().Backward()
			table.visitGrad(rowsOnly{v})
			table.ZeroGrad()
		})
		turn++
	}
	for range 16 {
		step()
	}
	if n := testing.AllocsPerRun(20, step); n > 2 {
		t.Errorf("%v allocations in a step", n)
	}
}

// rowsOnly is a visitor that skips zeros.
type rowsOnly struct{ *gathered }

func (rowsOnly) SkipsZeros() bool { return true }
