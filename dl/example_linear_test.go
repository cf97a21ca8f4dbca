package dl_test

import (
	"fmt"

	"modelbook/dl"
)

// 2x + y = 5 and x + 3y = 10.
func ExampleSolve() {
	a, b := dl.FromSlices([][]float64{{2, 1}, {1, 3}}), dl.Of([]float64{5, 10})
	show(dl.Solve(a, b), a.Inv().MatMul(b.Unsqueeze(1)), a.Det(), a.Trace())
	sign, logAbs := a.SlogDet()
	show(sign, logAbs)
	// Output:
	// [1.000 3.000] [1.000 3.000] [5.000] [5.000]
	// [1.000] [1.609]
}

// The line through three points that comes nearest.
func ExampleLstSq() {
	a := dl.FromSlices([][]float64{{1, 0}, {1, 1}, {1, 2}})
	b := dl.Of([]float64{1, 2, 4})
	show(dl.LstSq(a, b), a.Pinv().MatMul(b.Unsqueeze(1)))
	// Output: [0.833 1.500] [0.833 1.500]
}

func ExampleTensor_Cholesky() {
	a := dl.FromSlices([][]float64{{4, 2}, {2, 5}})
	l := a.Cholesky()
	show(l, l.MatMul(l.T()))
	b := dl.Of([]float64{8, 12})
	show(dl.SolveUpper(l.T(), dl.SolveLower(l, b)), dl.Solve(a, b))
	// Output:
	// [2.000 0.000 1.000 2.000] [4.000 2.000 2.000 5.000]
	// [1.000 2.000] [1.000 2.000]
}

func ExampleTensor_SVD() {
	a := dl.FromSlices([][]float64{{3, 0}, {0, -2}, {0, 0}})
	u, s, vt := a.SVD()
	fmt.Println(u.Shape(), vt.Shape())
	show(s, u.Mul(s).MatMul(vt))
	q, r := a.QR()
	show(q.MatMul(r))
	values, vectors := dl.FromSlices([][]float64{{2, 1}, {1, 2}}).Eigh()
	show(values, vectors.Square())
	// Output:
	// [3 2] [2 2]
	// [3.000 2.000] [3.000 0.000 0.000 -2.000 0.000 0.000]
	// [3.000 0.000 0.000 -2.000 0.000 0.000]
	// [1.000 3.000] [0.500 0.500 0.500 0.500]
}

func ExampleEinsum() {
	a, b := dl.FromSlices([][]float64{{1, 2}, {3, 4}}), dl.FromSlices([][]float64{{1, 0}, {1, 1}})
	show(dl.Einsum("ij,jk->ik", a, b), dl.Einsum("ii", a), dl.Einsum("ij->j", a), dl.Einsum("i,j->ij", a.Index(0), b.Index(1)))
	// Output: [3.000 2.000 7.000 4.000] [5.000] [4.000 6.000] [1.000 1.000 2.000 2.000]
}
