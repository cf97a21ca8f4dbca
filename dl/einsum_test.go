package dl

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// An equation is read once, and computing by it allocates nothing in an arena.
func TestEinsumAllocatesNothing(t *testing.T) {
	a, b, c := input(1, 2, 3, 4).To(Float32).RequireGrad(), input(2, 4, 5).To(Float32).RequireGrad(), input(3, 3, 3).To(Float32).RequireGrad()
	d := input(4, 1, 5).To(Float32).RequireGrad()
	for _, step := range []struct {
		equation string
		operands []*Tensor
	}{
		{"abc,cd->abd", []*Tensor{a, b}},
		{"abc,cd->dba", []*Tensor{a, b}},
		{"...c,cd->...d", []*Tensor{a, b}},
		{"abc,cd,bb->ad", []*Tensor{a, b, c}},
		{"ii->i", []*Tensor{c}},
		{"abc,ad->bd", []*Tensor{a, d}},
	} {
		arena := NewArena()
		run := func() {
			for _, x := range step.operands {
				x.ZeroGrad()
			}
			Einsum(step.equation, step.operands...).Sum().Backward()
		}
		for range 3 {
			arena.Run(run)
		}
		if n := testing.AllocsPerRun(20, func() { arena.Run(run) }); n >= 1 && countable() {
			t.Errorf("%s: %v allocations", step.equation, n)
		}
	}
}

// What is kept of an equation holds for other sizes and numbers of axes, and for any number of equations and goroutines.
func TestEinsumPlansAreKept(t *testing.T) {
	const equation = "...i,...i->..."
	for _, shape := range []Shape{{3}, {2, 3}, {5, 3}, {4, 2, 3}, {2, 7}} {
		x := input(1, shape...)
		if got, want := Einsum(equation, x, x), x.Square().Sum(-1); !got.AllClose(want, 1e-12, 1e-12) {
			t.Errorf("of %v: %v, want %v", shape, got, want)
		}
	}
	x := input(1, 3)
	if err := Try(func() { Einsum(equation, x, x, Scalar(1)) }); err == nil {
		t.Error("a third operand was accepted")
	}
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range mostPlans {
				names := [3]rune{'a' + rune(i%20), 'a' + rune(i/20%20), 'A' + rune(i/400)}
				if names[0] == names[1] {
					continue
				}
				equation := fmt.Sprintf("%c%c,%[2]c%c->%[1]c%[3]c", names[0], names[1], names[2])
				if g%2 == 0 {
					equation += " "
				}
				m := input(1, 2, 3)
				if got := Einsum(equation, m, m.T()); !got.AllClose(m.MatMul(m.T()), 1e-12, 1e-12) {
					t.Errorf("%s: %v", equation, got)
				}
			}
		})
	}
	all.Wait()
	if n := len(einsumPlans.made); n > mostPlans {
		t.Errorf("%d plans are kept", n)
	}
}

// Without dots in the result, what they stand for is summed over.
func TestEinsumSumsOverDots(t *testing.T) {
	x := Arange(24).To(Float64).Reshape(2, 3, 4)
	for equation, want := range map[string]*Tensor{"b...->b": x.Sum(1, 2), "...b->b": x.Sum(0, 1), "b...,b...->b": x.Square().Sum(1, 2), "...->": x.Sum()} {
		operands := []*Tensor{x, x}[:1+strings.Count(equation, ",")]
		if y := Einsum(equation, operands...); !y.Equal(want) {
			t.Errorf("%s: %v, want %v", equation, y, want)
		}
	}
}

// An index of 1 stretches between operands, not within one; other sizes must agree.
func TestEinsumSizesThatDoNotFit(t *testing.T) {
	for equation, operands := range map[string][]*Tensor{
		"ii->i":     {input(1, 1, 3)},
		"ii":        {input(1, 3, 1)},
		"iij,j->i":  {input(1, 1, 3, 2), input(2, 2)},
		"ij,jk->ik": {input(1, 2, 3), input(2, 2, 4)},
		"i,i,i->i":  {input(1, 2), input(2, 1), input(3, 3)},
	} {
		if err := Try(func() { Einsum(equation, operands...) }); err == nil || !strings.Contains(err.Error(), "long in one operand") {
			t.Errorf("%s: %v", equation, err)
		}
	}
}
