package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

func init() {
	for _, name := range []string{"VarianceScaling", "LeCunUniform", "LeCunNormal", "TruncatedNormal"} {
		noCase(name, "random: see TestInitialisersHaveTheirMoments")
	}
	for name, test := range map[string]string{"Orthogonal": "TestOrthogonal", "Eye": "TestEyeAndDirac", "Dirac": "TestEyeAndDirac", "Sparse": "TestSparse"} {
		noCase(name, "random, or without a gradient: see "+test)
	}
}

func TestOrthogonal(t *testing.T) {
	for _, shape := range []dl.Shape{{5, 3}, {3, 5}, {4, 4}, {2, 3, 3, 7}} {
		values := make([]float32, volume(shape))
		if err := (Orthogonal{Gain: 2}).FillShape(values, shape, dl.NewRand(1)); err != nil {
			t.Fatal(err)
		}
		m := dl.Of(values, volume(shape)/shape[len(shape)-1], shape[len(shape)-1]).To(dl.Float64)
		if m.Dim(0) < m.Dim(1) {
			m = m.T()
		}
		near(t, shape.String(), m.T().MatMul(m).MulScalar(0.25), dl.Eye(m.Dim(1)).To(dl.Float64), 1e-6)
	}
	if err := (Orthogonal{}).FillShape(make([]float32, 3), dl.Shape{3}, dl.NewRand(1)); err == nil {
		t.Error("a vector is no matrix")
	}
	_, err := Sequential(dl.Shape{4}, Dense{Units: 2, BiasInit: Orthogonal{}})
	if err == nil || !strings.Contains(err.Error(), "bias: Orthogonal needs at least two axes, not [2]") {
		t.Errorf("%v", err)
	}
	if err := dl.Try(func() { Orthogonal{}.Fill(nil, 1, 1, nil) }); err == nil || !strings.Contains(err.Error(), "FillShape") {
		t.Errorf("%v", err)
	}
}

// A layer that begins as the identity does not change its inputs. The groups of Dirac are those of
// torch.nn.init.dirac_(torch.empty(4, 2, 3), 2).
func TestEyeAndDirac(t *testing.T) {
	x := dl.NewRand(1).Normals(0, 1, 2, 4, 5, 3)
	near(t, "Dense", Build(Dense{Units: 3, WeightInit: Eye{}}, 4, 5, 3).Forward(x), x, 1e-6)
	near(t, "Conv2D", Build(Conv2D{Filters: 3, Kernel: [2]int{3, 3}, Padding: Same, WeightInit: Dirac{}}, 4, 5, 3).Forward(x), x, 1e-6)
	values := make([]float32, 3*2*4)
	if err := (Dirac{Groups: 2}).FillShape(values, dl.Shape{3, 2, 4}, nil); err != nil {
		t.Fatal(err)
	}
	want := make([]float32, 3*2*4)
	for out, in := range []int{0, 1, 0, 1} {
		want[(1*2+in)*4+out] = 1
	}
	if !slices.Equal(values, want) {
		t.Errorf("%v, want %v", values, want)
	}
	for _, err := range []error{Dirac{}.FillShape(values, dl.Shape{6, 4}, nil), Dirac{Groups: 3}.FillShape(values, dl.Shape{3, 2, 4}, nil), Eye{}.FillShape(values, dl.Shape{3, 2, 4}, nil)} {
		if err == nil {
			t.Error("a wrong shape is accepted")
		}
	}
	values = make([]float32, 6)
	if err := (Eye{Gain: 3}).FillShape(values, dl.Shape{2, 3}, nil); err != nil || !slices.Equal(values, []float32{3, 0, 0, 0, 3, 0}) {
		t.Errorf("%v %v", values, err)
	}
}

func TestSparse(t *testing.T) {
	const rows, cols = 101, 40
	values := make([]float32, rows*cols)
	if err := (Sparse{Sparsity: 0.1, StdDev: 2}).FillShape(values, dl.Shape{rows, cols}, dl.NewRand(3)); err != nil {
		t.Fatal(err)
	}
	squares := 0.0
	for j := range cols {
		zeros := 0
		for i := range rows {
			v := values[i*cols+j]
			squares += float64(v * v)
			if v == 0 {
				zeros++
			}
		}
		if zeros != 11 { // ceil(10.1)
			t.Errorf("column %d has %d zeros", j, zeros)
		}
	}
	if deviation := math.Sqrt(squares / (cols * (rows - 11))); math.Abs(deviation-2) > 0.1 {
		t.Errorf("the deviation is %v", deviation)
	}
	if err := (Sparse{Sparsity: 2}).FillShape(values, dl.Shape{rows, cols}, dl.NewRand(3)); err == nil {
		t.Error("a share of 2 is accepted")
	}
}
