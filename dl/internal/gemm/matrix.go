package gemm

// A Matrix is where the elements of a matrix lie: [i, j] is at i*Stride + j of
// Data, or at j*Stride + i when it is Transposed. Rows and Cols are those of the
// matrix itself, after the transposition.
type Matrix[T any] struct {
	Data       []T
	Rows, Cols int
	Stride     int
	Transposed bool
}

// Of returns a row-major matrix without gaps.
func Of[T any](data []T, rows, cols int) Matrix[T] { return Matrix[T]{data, rows, cols, cols, false} }

// T returns the transpose, in the same memory.
func (m Matrix[T]) T() Matrix[T] {
	m.Rows, m.Cols, m.Transposed = m.Cols, m.Rows, !m.Transposed
	return m
}

// sizes returns those of a product C = A*B.
func sizes[T, U any](a, b Matrix[T], c Matrix[U]) (m, n, k int) {
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows || c.Transposed {
		panic("gemm: the matrices of a product do not fit")
	}
	return c.Rows, c.Cols, a.Cols
}
