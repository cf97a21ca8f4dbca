package optim

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"modelbook/dl"
)

// recordedRows is testdata/rows.json: the table of an embedding after some of 12 steps, by PyTorch with gradients of rows.
type recordedRows struct {
	Start  []float32
	Tokens [][]int32
	U      [][][]float32
	After  []int
	Paths  map[string][][]float64
}

// The optimizers that touch only the rows that occurred do what PyTorch's do with sparse=True; outside an arena, where
// gradients are never kept by rows, those of them that are no lazy ones do the same.
func TestStepsByRows(t *testing.T) {
	text, err := os.ReadFile("testdata/rows.json")
	if err != nil {
		t.Fatal(err)
	}
	var r recordedRows
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	makers := map[string]func() Optimizer{
		"SGD":       func() Optimizer { return &SGD{LearningRate: 0.1} },
		"Adagrad":   func() Optimizer { return &Adagrad{LearningRate: 0.1} },
		"Adam lazy": func() Optimizer { return &Adam{LearningRate: 0.01, Lazy: true} },
	}
	if len(r.Paths) != len(makers) {
		t.Errorf("%d recorded, %d tested", len(r.Paths), len(makers))
	}
	for name, path := range r.Paths {
		for _, inArena := range []bool{true, false} {
			if !inArena && name == "Adam lazy" {
				continue
			}
			t.Run(fmt.Sprint(name, " ", inArena), func(t *testing.T) {
				arena, o := dl.NewArena(), makers[name]()
				p := dl.Of(r.Start, 40, 3).RequireGrad()
				for step, tokens := range r.Tokens {
					take := func() {
						dl.Embedding(p, dl.Of(tokens)).Mul(dl.Of(slices.Concat(r.U[step]...), 3, 3)).Sum().Backward()
						o.Step([]*dl.Tensor{p})
						p.ZeroGrad()
					}
					if inArena {
						arena.Run(take)
					} else {
						take()
					}
					i := slices.Index(r.After, step+1)
					if i < 0 {
						continue
					}
					for k, v := range dl.Values[float64](p) {
						if want := path[i][k]; math.Abs(v-want) > 2e-6*(1+math.Abs(want)) {
							t.Fatalf("after step %d value %d is %v, PyTorch has %v", step+1, k, v, want)
						}
					}
				}
			})
		}
	}
}

// Clipping and the gradient's norm are those of the whole gradient, also when it is kept by rows.
func TestClippingOfRows(t *testing.T) {
	run := func(inArena bool, o Optimizer) (values []float32, norm float64) {
		r := dl.NewRand(1)
		p, u := r.Normals(0, 1, 50, 4).RequireGrad(), r.Normals(0, 1, 3, 4)
		f := func() {
			dl.Embedding(p, dl.Of([]int32{7, 49, 7})).Mul(u).Sum().Backward()
			norm = GradientNorm([]*dl.Tensor{p})
			o.Step([]*dl.Tensor{p})
		}
		if inArena {
			dl.NewArena().Run(f)
		} else {
			f()
		}
		return p.Float32s(), norm
	}
	for name, c := range map[string]Clip{"norm": {Norm: 0.5}, "value": {Value: 0.1}, "own norm": {ParameterNorm: 0.3}} {
		rows, norm := run(true, &SGD{LearningRate: 0.1, Clip: c})
		whole, want := run(false, &SGD{LearningRate: 0.1, Clip: c})
		if math.Abs(norm-want) > 1e-6 {
			t.Errorf("%s: the norm by rows is %v, of the whole %v", name, norm, want)
		}
		for i := range whole {
			if math.Abs(float64(rows[i]-whole[i])) > 1e-6 {
				t.Fatalf("%s: value %d by rows %v, as a whole %v", name, i, rows[i], whole[i])
			}
		}
	}
	// An optimizer that needs all rows gets them.
	rows, _ := run(true, &Adam{})
	whole, _ := run(false, &Adam{})
	if !slices.Equal(rows, whole) {
		t.Error("Adam differs by rows")
	}
}

// BenchmarkStepsByRows is a training step of the table of GPT-2, of which 2,048 tokens occur.
func BenchmarkStepsByRows(b *testing.B) {
	for name, o := range map[string]Optimizer{"SGD": &SGD{}, "lazy Adam": &Adam{Lazy: true}, "Adam": &Adam{}} {
		b.Run(name, func(b *testing.B) {
			r := dl.NewRand(1)
			table, tokens := r.Normals(0, 0.02, 50257, 768).RequireGrad(), r.Integers(0, 50257, 32, 64)
			arena, ps := dl.NewArena(), []*dl.Tensor{table}
			step := func() {
				dl.Embedding(table, tokens).Sum().Backward()
				o.Step(ps)
				table.ZeroGrad()
			}
			arena.Run(step)
			b.ReportAllocs()
			for b.Loop() {
				arena.Run(step)
			}
		})
	}
}
