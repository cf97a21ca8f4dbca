package lbfgs

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"

	"modelbook/dl"
)

// ended is where PyTorch's LBFGS ended: see testdata/reference.py.
type ended struct {
	Loss        float64
	Evaluations int
	Parameters  [][]float64
}

type reference struct {
	Rosenbrock, Logistic ended
	Inputs, Labels       []float64
}

func recorded(t *testing.T) (r reference) {
	text, err := os.ReadFile("testdata/reference.json")
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func rosenbrock(x *dl.Tensor) *dl.Tensor {
	n := x.Dim(0)
	low, high := x.Slice(0, 0, n-1), x.Slice(0, 1, n)
	return high.Sub(low.Square()).Square().MulScalar(100).Add(low.Neg().AddScalar(1).Square()).Sum()
}

func TestMinimaAreThoseOfPyTorch(t *testing.T) {
	r := recorded(t)
	for _, d := range []dl.DType{dl.Float32, dl.Float64} {
		inputs, labels := dl.Of(r.Inputs, 40, 3).To(d), dl.Of(r.Labels, 40, 1).To(d)
		x := dl.Full(-1, 10).To(d).RequireGrad()
		w, b := dl.New(d, 3, 1).RequireGrad(), dl.New(d, 1).RequireGrad()
		for name, c := range map[string]struct {
			parameters []*dl.Tensor
			loss       func() *dl.Tensor
			want       ended
		}{
			"Rosenbrock": {[]*dl.Tensor{x}, func() *dl.Tensor { return rosenbrock(x) }, r.Rosenbrock},
			"logistic": {[]*dl.Tensor{w, b}, func() *dl.Tensor {
				return dl.BinaryCrossEntropyLogits(inputs.MatMul(w).Add(b), labels).Add(w.Square().Sum().MulScalar(0.01))
			}, r.Logistic},
		} {
			tolerance, o := 1e-6, Options{Iterations: 500, Gradient: 1e-10, Change: 1e-14}
			if d == dl.Float32 {
				tolerance, o = 2e-3, Options{Iterations: 500}
			}
			got, err := Minimize(t.Context(), c.parameters, c.loss, o)
			if err != nil || math.Abs(got.Loss-c.want.Loss) > tolerance || d == dl.Float64 && got.Losses > 5*c.want.Evaluations {
				t.Errorf("%s of %v: %+v, %v; PyTorch has the loss %v after %d", name, d, got, err, c.want.Loss, c.want.Evaluations)
			}
			for i, p := range c.parameters {
				for k, v := range dl.Values[float64](p) {
					if w := c.want.Parameters[i][k]; math.Abs(v-w) > tolerance*(1+math.Abs(w)) {
						t.Errorf("%s of %v: value %d of parameter %d is %v, PyTorch has %v", name, d, k, i, v, w)
					}
				}
				if p.Grad() != nil {
					t.Errorf("%s of %v: a gradient is left", name, d)
				}
			}
		}
	}
}

func TestWhatCannotBeMinimised(t *testing.T) {
	x := dl.Of([]float64{3}).RequireGrad()
	square := func() *dl.Tensor { return x.Square().Sum() }
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Minimize(ended, []*dl.Tensor{x}, square, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	x.Fill(3)
	for name, c := range map[string]struct {
		parameters []*dl.Tensor
		loss       func() *dl.Tensor
	}{
		"no parameters":            {nil, square},
		"nothing to change":        {[]*dl.Tensor{dl.Ones(1)}, square},
		"integers":                 {[]*dl.Tensor{dl.Of([]int32{1})}, square},
		"a loss that is no number": {[]*dl.Tensor{x}, func() *dl.Tensor { return x.Neg().Log().Sum() }},
		"a loss that panics":       {[]*dl.Tensor{x}, func() *dl.Tensor { return x.Add(dl.Ones(2, 3)).MatMul(x) }},
		"a loss of two values":     {[]*dl.Tensor{x}, func() *dl.Tensor { return dl.Concat(0, x, x) }},
	} {
		if r, err := Minimize(t.Context(), c.parameters, c.loss, Options{}); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
		if x.Item() != 3 {
			t.Errorf("%s: the parameter is %v", name, x.Item())
		}
	}
	y := dl.Of([]float64{1}).RequireGrad() // the logarithm of what is below 0 is no number: it stays on this side
	r, err := Minimize(t.Context(), []*dl.Tensor{y}, func() *dl.Tensor { return y.Sub(y.Log().MulScalar(0.001)).Sum() }, Options{})
	if err != nil || math.Abs(y.Item()-0.001) > 1e-6 {
		t.Errorf("%v, %+v, %v", y, r, err)
	}
}
