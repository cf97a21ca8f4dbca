package optim

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/vec"
)

// newtonSchulz brings the singular values of a matrix near 1. Its memory is kept from one step to the next.
type newtonSchulz[T float] struct {
	x, y          []T // the matrix before and after a step
	square, power []T // of the smaller side
	rows, columns int
	bfloat16      bool
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
		return hugepages.Make[T](n)
	}
	return scratch[:n]
}

// orthogonal takes steps x = (a + b*s + c*s*s)*x, where s = x*x^T, from a matrix of norm 1; for tall matrices from the
// right. The coefficients are those of Jordan's code: they bring the singular values between 0.7 and 1.2.
func (n *newtonSchulz[T]) orthogonal(steps int) []T {
	const a, b, c = 3.4445, -4.7750, 2.0315
	small := min(n.rows, n.columns)
	square, power := gemm.Of(n.square, small, small), gemm.Of(n.power, small, small)
	for range steps {
		x, y := gemm.Of(n.x, n.rows, n.columns), gemm.Of(n.y, n.rows, n.columns)
		if n.rows <= n.columns {
			n.symmetric(x, x.T(), square)
		} else {
			n.symmetric(x.T(), x, square)
		}
		n.symmetric(square, square, power)
		vec.ScaledStep(n.power, n.square, c, -b)
		for i := range small {
			n.power[i*small+i] += a
		}
		if n.rows <= n.columns {
			n.multiply(power, x, y)
		} else {
			n.multiply(x, power, y)
		}
		n.x, n.y = n.y, n.x
	}
	return n.x
}

// symmetric computes a symmetric z = x*y: what lies above its diagonal, in parts of rows, and the rest from that.
func (n *newtonSchulz[T]) symmetric(x, y, z gemm.Matrix[T]) {
	size := z.Rows
	parts := min(max(size/128, 1), 8)
	for k := range parts {
		lo, hi := size*k/parts, size*(k+1)/parts
		above := gemm.Matrix[T]{Data: z.Data[lo*size+lo:], Rows: hi - lo, Cols: size - lo, Stride: size}
		n.multiply(rowsOf(x, lo, hi), rowsOf(y.T(), lo, size).T(), above)
		if k > 0 {
			mirror(z.Data, size, lo, hi)
		}
	}
}

// mirror writes columns before lo of the rows lo to hi from the rows before lo, in squares that the caches hold.
func mirror[T float](z []T, size, lo, hi int) {
	const side = 32
	for i0 := lo; i0 < hi; i0 += side {
		for j0 := 0; j0 < lo; j0 += side {
			for i := i0; i < min(i0+side, hi); i++ {
				row := z[i*size+j0 : i*size+min(j0+side, lo)]
				for j := range row {
					row[j] = z[(j0+j)*size+i]
				}
			}
		}
	}
}

// rowsOf are the rows lo to hi of a matrix, in the same memory.
func rowsOf[T float](x gemm.Matrix[T], lo, hi int) gemm.Matrix[T] {
	if x.Rows = hi - lo; x.Transposed {
		x.Data = x.Data[lo:]
	} else {
		x.Data = x.Data[lo*x.Stride:]
	}
	return x
}

// multiply computes z = x*y.
func (n *newtonSchulz[T]) multiply(x, y, z gemm.Matrix[T]) {
	switch x := any(&x).(type) { // pointers are put into an interface without a copy
	case *gemm.Matrix[float32]:
		y, z := any(&y).(*gemm.Matrix[float32]), any(&z).(*gemm.Matrix[float32])
		if n.bfloat16 {
			gemm.SgemmBF16(*x, *y, *z, false, gemm.Epilogue{})
		} else {
			gemm.Sgemm(1, *x, *y, 0, *z)
		}
	case *gemm.Matrix[float64]:
		gemm.Dgemm(1, *x, *any(&y).(*gemm.Matrix[float64]), 0, *any(&z).(*gemm.Matrix[float64]))
	}
}
