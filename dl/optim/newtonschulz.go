package optim

import (
	"modelbook/dl/internal/gemm"
)

// newtonSchulz brings the singular values of a matrix near 1. Its memory is kept from one step to the next.
type newtonSchulz[T float] struct {
	x, y          []T // the matrix before and after a step
	square, power []T // of the smaller side
	rows, columns int
}

// begin returns the memory of a matrix, to be filled.
func (n *newtonSchulz[T]) begin(rows, columns int) []T {
	small := min(rows, columns)
	n.rows, n.columns = rows, columns
	n.x, n.y = sized(n.x, rows*columns), sized(n.y, rows*columns)
	n.square, n.power = sized(n.square, small*small), sized(n.power, small*small)
	return n.x
}

func sized[T float](scratch []T, n int) []T {
	if cap(scratch) < n {
		return make([]T, n)
	}
	return scratch[:n]
}

// orthogonal takes steps x = a*x + (b*s + c*s*s)*x, where s = x*x^T, from a matrix of norm 1; for tall matrices from
// the right. The coefficients are those of Jordan's code: they bring the singular values between 0.7 and 1.2.
func (n *newtonSchulz[T]) orthogonal(steps int) []T {
	const a, b, c = 3.4445, -4.7750, 2.0315
	small := min(n.rows, n.columns)
	square, power := gemm.Of(n.square, small, small), gemm.Of(n.power, small, small)
	for range steps {
		x, y := gemm.Of(n.x, n.rows, n.columns), gemm.Of(n.y, n.rows, n.columns)
		if n.rows <= n.columns {
			multiply(x, x.T(), 0, square)
		} else {
			multiply(x.T(), x, 0, square)
		}
		multiply(square, square, 0, power)
		for i, s := range n.square {
			n.power[i] = b*s + c*n.power[i]
		}
		for i, v := range n.x {
			n.y[i] = a * v
		}
		if n.rows <= n.columns {
			multiply(power, x, 1, y)
		} else {
			multiply(x, power, 1, y)
		}
		n.x, n.y = n.y, n.x
	}
	return n.x
}

// multiply computes z = x*y + beta*z.
func multiply[T float](x, y gemm.Matrix[T], beta float64, z gemm.Matrix[T]) {
	switch x := any(&x).(type) { // pointers are put into an interface without a copy
	case *gemm.Matrix[float32]:
		gemm.Sgemm(1, *x, *any(&y).(*gemm.Matrix[float32]), float32(beta), *any(&z).(*gemm.Matrix[float32]))
	case *gemm.Matrix[float64]:
		gemm.Dgemm(1, *x, *any(&y).(*gemm.Matrix[float64]), beta, *any(&z).(*gemm.Matrix[float64]))
	}
}
