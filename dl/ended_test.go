package dl

import (
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A tensor that was made in a Run that has ended is refused by everything that would read it, whatever the arena's
// memory is used for now. What was taken out of it in time stays.
func TestTensorsOfEndedRunsAreRefused(t *testing.T) {
	arena := NewArena()
	w := Full(2, 2, 3).RequireGrad()
	var kept, flat, view, gradient, clone, outside *Tensor
	var shape Shape
	arena.Run(func() {
		kept = w.Square()
		flat = kept.Flatten(0)
		clone, shape = kept.Clone(), kept.Shape()
		done := make(chan bool)
		go func() { // without an arena
			view, outside = kept.Reshape(3, 2), kept.MulScalar(3).Sum()
			close(done)
		}()
		<-done
		h := w.MulScalar(5)
		h.Sum().Backward()
		gradient = kept.Detach()
	})
	arena.Run(func() { Full(1, 2, 3).MulScalar(-1).Sum() }) // the memory is used again
	for name, f := range map[string]func(){
		"Add":                func() { kept.Add(w) },
		"second operand":     func() { w.Mul(kept) },
		"ReLU":               func() { kept.ReLU() },
		"MatMul":             func() { w.MatMul(view) },
		"Sum":                func() { flat.Sum() },
		"Reshape":            func() { kept.Reshape(6) },
		"Float32s":           func() { kept.Float32s() },
		"At":                 func() { kept.At(0, 0) },
		"Set":                func() { kept.Set(1, 0, 0) },
		"String":             func() { _ = kept.String() },
		"Clone":              func() { kept.Clone() },
		"CopyFrom":           func() { w.CopyFrom(kept) },
		"To":                 func() { kept.To(Float64) },
		"Values":             func() { Values[float64](kept) },
		"MarshalBinary":      func() { kept.MarshalBinary() },
		"a view of it":       func() { view.Add(view) },
		"a detached one":     func() { gradient.Sum() },
		"Backward through":   func() { outside.Backward() },
		"in another Run":     func() { NewArena().Run(func() { kept.Add(w) }) },
		"in the arena's Run": func() { arena.Run(func() { kept.Add(w) }) },
	} {
		err := Try(f)
		var ended *EndedError
		if !errors.As(err, &ended) || !strings.Contains(err.Error(), "keep a Clone") || !strings.Contains(err.Error(), "ended_test.go:") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if v := Values[float64](clone); !slices.Equal(v, []float64{4, 4, 4, 4, 4, 4}) {
		t.Errorf("the clone became %v", v)
	}
	if !shape.Equal(Shape{2, 3}) {
		t.Errorf("the shape became %v", shape)
	}
	if w.Grad().At(0, 0) != 5 {
		t.Errorf("the parameter's gradient became %v", w.Grad())
	}
}

// Every method of a tensor refuses one of a Run that has ended, whatever its body is used for now, and so does every
// method that gets one as an argument.
func TestEveryMethodRefusesEndedTensors(t *testing.T) {
	arena := NewArena()
	w := Full(2, 3).RequireGrad()
	var kept *Tensor
	arena.Run(func() { kept = w.Square() })
	again := func(f func()) { // while the body is another tensor's
		arena.Run(func() {
			for range 3 {
				New(Int32, 2, 5).Add(New(Int32, 5))
			}
			f()
		})
	}
	argument := func(of reflect.Type, tensor *Tensor) reflect.Value {
		switch of {
		case reflect.TypeFor[*Tensor]():
			return reflect.ValueOf(tensor)
		case reflect.TypeFor[DType]():
			return reflect.ValueOf(Float64)
		case reflect.TypeFor[int]():
			return reflect.ValueOf(0)
		case reflect.TypeFor[func(*Tensor) *Tensor]():
			return reflect.ValueOf(func(*Tensor) *Tensor { return nil })
		}
		return reflect.Zero(of)
	}
	refused := func(what string, f func()) {
		for name, when := range map[string]func(func()){"after the Run": func(f func()) { f() }, "in another Run": again} {
			var err error
			when(func() { err = Try(f) })
			var ended *EndedError
			if !errors.As(err, &ended) {
				t.Errorf("%s %s: %v", what, name, err)
			}
		}
	}
	methods := reflect.TypeFor[*Tensor]()
	for i := range methods.NumMethod() {
		m := methods.Method(i)
		if m.Name == "UnmarshalBinary" { // makes it another tensor
			continue
		}
		call := func(receiver, operand *Tensor) func() {
			in := []reflect.Value{reflect.ValueOf(receiver)}
			for k := 1; k < m.Type.NumIn(); k++ {
				if m.Type.IsVariadic() && k == m.Type.NumIn()-1 {
					break
				}
				in = append(in, argument(m.Type.In(k), operand))
			}
			return func() { m.Func.Call(in) }
		}
		refused(m.Name, call(kept, Ones(3)))
		for k := 1; k < m.Type.NumIn(); k++ {
			if m.Type.In(k) == reflect.TypeFor[*Tensor]() {
				refused(m.Name+" of it", call(Ones(3), kept))
				break
			}
		}
	}
	if w.Grad() != nil || !w.RequiresGrad() || w.Name() != "" {
		t.Error("the parameter was changed")
	}
}

// keeper is the identity, and shows its gradient.
type keeper struct{ keep func(g *Tensor) *Tensor }

func (k keeper) Forward(xs ...*Tensor) *Tensor { return xs[0] }

func (k keeper) Backward(dy *Tensor) []*Tensor {
	k.keep(dy)
	return []*Tensor{dy}
}

// A gradient that a hook or a Function has kept is refused after its step.
func TestKeptGradientsAreRefused(t *testing.T) {
	x, w := Full(0.5, 3).RequireGrad(), Full(2, 3).RequireGrad()
	arena := NewArena()
	var kept []*Tensor
	keep := func(g *Tensor) *Tensor { kept = append(kept, g); return nil }
	for range 3 {
		arena.Run(func() {
			y := x.Mul(w).Tanh()
			y.OnGrad(keep)
			Apply(keeper{keep}, y).MulScalar(3).Sum().Backward()
		})
	}
	if len(kept) != 6 {
		t.Fatalf("%d gradients were seen, want 6", len(kept))
	}
	for i, g := range kept {
		var ended *EndedError
		if err := Try(func() { g.At(0) }); !errors.As(err, &ended) {
			t.Errorf("gradient %d after its step: %v", i, err)
		}
	}
}

// The shape of a result stays what it was, whatever shapes the tensors of later Runs have.
func TestShapesOutliveRuns(t *testing.T) {
	arena := NewArena()
	w := Ones(6)
	var shapes []Shape
	for _, n := range []int{2, 3, 1, 6, 3} {
		arena.Run(func() { shapes = append(shapes, w.Reshape(n, -1).Square().Shape()) })
	}
	if want := []Shape{{2, 3}, {3, 2}, {1, 6}, {6, 1}, {3, 2}}; !slices.EqualFunc(shapes, want, Shape.Equal) {
		t.Errorf("shapes %v, want %v", shapes, want)
	}
}

// A step of many small operations in its steady state leaves the garbage collector a few bytes for each result, and
// nothing else.
func TestSmallStepsTakeNoMemory(t *testing.T) {
	x, w := Full(0.5, 3).RequireGrad(), Full(2, 3).RequireGrad()
	arena := NewArena()
	step := func() {
		y := x
		for range 20 {
			y = y.Mul(w).Add(x).Tanh()
		}
		y.MulScalar(3).Sum().Backward()
	}
	const steps = 300
	var before, after runtime.MemStats
	for i := range 2 * steps {
		if arena.Run(step); i == steps {
			runtime.ReadMemStats(&before)
		}
	}
	runtime.ReadMemStats(&after)
	if bytes := (after.TotalAlloc - before.TotalAlloc) / steps; bytes > 5000 && countable() {
		t.Errorf("%d bytes a step of some 190 results", bytes)
	}
}
