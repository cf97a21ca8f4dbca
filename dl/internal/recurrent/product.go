package recurrent

import "modelbook/dl/internal/gemm"

// A block is a matrix whose rows lie a stride apart.
type block[F float] struct {
	data               []F
	rows, cols, stride int
}

// columns is a part of a block.
func (b block[F]) columns(lo, hi int) block[F] {
	return block[F]{b.data[lo:], b.rows, hi - lo, b.stride}
}

// single returns a block of float32.
func single[F float](b block[F]) gemm.Matrix[float32] {
	return gemm.Matrix[float32]{Data: any(b.data).([]float32), Rows: b.rows, Cols: b.cols, Stride: b.stride}
}

func double[F float](b block[F]) gemm.Matrix[float64] {
	return gemm.Matrix[float64]{Data: any(b.data).([]float64), Rows: b.rows, Cols: b.cols, Stride: b.stride}
}

// weights is a part of the recurrent weights: of all gates, or of the first two and the last of a GRU.
func (j *job[F]) weights(part int) block[F] {
	h, gates := j.Units, j.Kind.Gates()
	whole := block[F]{j.U, h, gates * h, gates * h}
	switch {
	case gates < 3 || gates == 4:
		return whole
	case part == 0:
		return whole.columns(0, 2*h)
	}
	return whole.columns(2*h, 3*h)
}

// pack brings the weights into the order in which the steps read them.
func (j *job[F]) pack() {
	if _, ok := any(j.U).([]float32); !ok {
		return
	}
	for part := range j.packed {
		if part > 0 && j.Kind.Gates() != 3 {
			return
		}
		m := single(j.weights(part))
		if j.backward {
			m = m.T()
		}
		j.packed[part].Pack(m)
	}
}

// times multiplies rows by a part of the weights, turned to go back. Meanwhile it fetches next, or nothing.
func (j *job[F]) times(part int, a, c block[F], add bool, next []F) {
	if _, ok := any(j.U).([]float32); ok {
		j.packed[part].SgemmFetch(single(a), single(c), add, any(next).([]float32))
		return
	}
	w, beta := double(j.weights(part)), 0.0
	if j.backward {
		w = w.T()
	}
	if add {
		beta = 1
	}
	gemm.Dgemm(1, double(a), w, beta, double(c))
}
