package gemm

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"
)

// gonum's matrices give the same result on these kernels as on gonum's own.
func TestBLAS(t *testing.T) {
	defer blas32.Use(gonum.Implementation{})
	r := rand.New(rand.NewPCG(1, 2))
	a := blas32.General{Rows: 33, Cols: 20, Stride: 21, Data: random(r, 33*21)}
	b := blas32.General{Rows: 33, Cols: 40, Stride: 40, Data: random(r, 33*40)}
	var got [2]blas32.General
	for i, use := range []func(){func() { blas32.Use(gonum.Implementation{}) }, Use} {
		use()
		got[i] = blas32.General{Rows: 20, Cols: 40, Stride: 40, Data: make([]float32, 20*40)}
		blas32.Gemm(blas.Trans, blas.NoTrans, 0.5, a, b, 0, got[i])
	}
	for i, want := range got[0].Data {
		if math.Abs(float64(got[1].Data[i]-want)) > 1e-5 {
			t.Fatalf("C[%d] = %v, gonum has %v", i, got[1].Data[i], want)
		}
	}
}
