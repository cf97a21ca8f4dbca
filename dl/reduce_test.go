package dl

import (
	"math"
	"testing"
)

// Long sums keep their digits, whatever axes they are over.
func TestLongSumsAreExact(t *testing.T) {
	for _, c := range []struct {
		shape []int
		axes  []int
	}{
		{[]int{1 << 20}, nil}, {[]int{1 << 18, 3}, []int{0}}, {[]int{1 << 11, 300}, []int{0}}, {[]int{2, 1 << 19}, []int{1}},
		{[]int{3, 1 << 17, 2}, []int{1}}, {[]int{1 << 10, 4, 1 << 8}, []int{0, -1}}, {[]int{1 << 10, 5, 7, 8}, []int{1, 0}},
	} {
		x := Full(1.1, c.shape...)
		y := x.Sum(c.axes...)
		want := float64(float32(1.1)) * float64(x.Size()/y.Size())
		for i := range y.Size() {
			if got := y.at(i); math.Abs(got-want) > 1e-6*want {
				t.Errorf("%v over %v: %v, want %v", c.shape, c.axes, got, want)
				break
			}
		}
	}
}

// Reductions of float32, which take kernels, are those of float64.
func TestReductionsAreThoseOfFloat64(t *testing.T) {
	x := input(1, 3, 4, 5, 6)
	for name, f := range map[string]func(x *Tensor, axes ...int) *Tensor{"Sum": (*Tensor).Sum, "Mean": (*Tensor).Mean, "Var": (*Tensor).Var,
		"Max": (*Tensor).Max, "Min": (*Tensor).Min} {
		for _, axes := range [][]int{nil, {0}, {1}, {3}, {-1, 2}, {0, 1}, {1, 2}, {0, 3}, {0, 1, 2}, {3, 2, 1}, {0, 1, 2, 3}} {
			run := func(d DType) (y, g *Tensor) {
				x := x.To(d).Clone().RequireGrad()
				y = f(x, axes...)
				return y, Grad(weigh(y), x)[0]
			}
			y, g := run(Float64)
			y32, g32 := run(Float32)
			if !y.shape.Equal(y32.shape) {
				t.Errorf("%s over %v: shape %v, want %v", name, axes, y32.shape, y.shape)
				continue
			}
			for _, pair := range [][2]*Tensor{{y, y32}, {g, g32}} {
				for i := range pair[0].Size() {
					if w, got := pair[0].at(i), pair[1].at(i); math.Abs(got-w) > 1e-5*(1+math.Abs(w)) {
						t.Errorf("%s over %v: element %d is %v, want %v", name, axes, i, got, w)
						break
					}
				}
			}
		}
	}
	if got := x.To(Float32).ArgMax(-1).Int64s(); len(got) != 60 || got[7] != x.ArgMax(3).Int64s()[7] {
		t.Errorf("argmax %v", got)
	}
}

// Products of long rows stay right where a part of them leaves the range of float32.
func TestProductsOfLongRows(t *testing.T) {
	r := NewRand(1)
	for _, n := range []int{63, 64, 65, 500, 512, 513, 1500} {
		x := r.Uniforms(0.9, 1.1, 3, n)
		want := 1.0
		for i := range n {
			want *= x.at(n + i)
		}
		if got := x.Prod(1).at(1); math.Abs(got-want) > 1e-5*want {
			t.Errorf("the product of %d is %v, want %v", n, got, want)
		}
		y := Ones(4, n)
		for i := range 6 {
			for row := range 4 {
				put(y, row*n+i*n/6, 1e30)
				put(y, row*n+i*n/6+1, 1e-30)
			}
		}
		put(y, n+7, 0)
		put(y, 2*n+7, math.NaN())
		put(y, 3*n+7, 1e30)
		// Elements that are multiplied early, whose product has few digits left in float32.
		small := Ones(1, n)
		for at, v := range map[int]float64{0: 1.2345e-20, n / 4: 1.2345e-20, 1: 1e20, 2: 1e20} {
			put(small, at, v)
		}
		if v := small.Prod(1).at(0); math.Abs(v-1.2345*1.2345) > 1e-6 {
			t.Errorf("the product of %d elements, two small ones first, is %v", n, v)
		}
		p := y.Prod(1)
		if v := p.at(0); math.Abs(v-1) > 1e-5 {
			t.Errorf("the product of %d large and small numbers is %v, want 1", n, v)
		}
		if a, b, c := p.at(1), p.at(2), p.at(3); a != 0 || b == b || math.Abs(c/1e30-1) > 1e-5 {
			t.Errorf("products of %d are %v, %v, %v, want 0, NaN and 1e30", n, a, b, c)
		}
	}
}
