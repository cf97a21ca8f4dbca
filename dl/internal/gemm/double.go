package gemm

import (
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// Dgemm is Sgemm for float64. Where there is a micro-kernel, a float64 is
// handled as two adjacent float32; only the micro-kernel, and the packing of a
// transposed B, treat them as float64.
func Dgemm(alpha float64, a, b Matrix[float64], beta float64, c Matrix[float64]) {
	m, n, k := sizes(a, b, c)
	if m == 0 || n == 0 {
		return
	}
	if best.double == nil && k > 0 {
		flag := map[bool]blas.Transpose{false: blas.NoTrans, true: blas.Trans}
		gonum.Implementation{}.Dgemm(flag[a.Transposed], flag[b.Transposed], m, n, k, alpha, a.Data, a.Stride, b.Data, b.Stride, beta, c.Data, c.Stride)
		return
	}
	if beta != 1 && (beta != 0 || k == 0 || alpha == 0) {
		for i := range m {
			row := c.Data[i*c.Stride:][:n]
			for j, v := range row {
				if row[j] = 0; beta != 0 {
					row[j] = beta * v
				}
			}
		}
	}
	if k == 0 || alpha == 0 {
		return
	}
	if alpha != 1 { // rare: scale a copy of A
		scaled := make([]float64, len(a.Data))
		for i, v := range a.Data {
			scaled[i] = alpha * v
		}
		a.Data = scaled
	}
	p := products.Take()
	*p = product{kern: best.double, transA: a.Transposed, transB: b.Transposed, m: m, n: 2 * n, k: k, add: beta != 0, partial: p.partial,
		a: floats(a.Data), lda: 2 * a.Stride, b: floats(b.Data), ldb: 2 * b.Stride, c: floats(c.Data), ldc: 2 * c.Stride}
	p.run()
	p.release()
}

// floats is the memory of x, two float32 for each float64.
func floats(x []float64) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), 2*len(x))
}

// doubles is the memory of a float64 matrix as such.
func doubles(x []float32) []float64 {
	return unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(x))), len(x)/2)
}

// addDoubles adds the partial sums of a row.
func addDoubles(dst, x []float32) {
	d := doubles(dst)
	for i, v := range doubles(x) {
		d[i] += v
	}
}

// packDoubles copies n rows of a transposed B, float64, as a panel's columns.
func (p *product) packDoubles(dst []float32, cols, j, n, ks, ke int) {
	d, ld := doubles(dst[:cols*(ke-ks)]), cols/2
	for jj := range n {
		for k, v := range doubles(p.b[(j+jj)*p.ldb+2*ks:][:2*(ke-ks)]) {
			d[k*ld+jj] = v
		}
	}
}
