//go:build amd64 && !purego

package vec

const (
	geluLanes = 16        // values that the kernels of intervals take at once
	geluLimit = 31.45 / 6 // they reach from minus this on
)

// geluIntervals computes GELU, or dy times its derivative where dy is not nil, by polynomials of intervals, and reports
// whether there is a kernel for it. An element has the same result wherever it stands.
func geluIntervals(dst, dy, x []float32) bool {
	if !best.masks {
		return false
	}
	x = x[:len(dst)]
	gradient := dy != nil
	if !gradient {
		dy = x
	}
	kernel := func(dst, dy, x []float32) (done int) {
		switch vectors := int64(len(x) / geluLanes); {
		case vectors == 0:
			return 0
		case gradient:
			return geluLanes * int(geluGradIntervalsAVX512(&dst[0], &dy[0], &x[0], vectors))
		default:
			return geluLanes * int(geluIntervalsAVX512(&dst[0], &x[0], vectors))
		}
	}
	for {
		done := kernel(dst, dy, x)
		dst, dy, x = dst[done:], dy[done:], x[done:]
		if len(x) == 0 {
			return true
		}
		// a vector with an element that the intervals do not reach, or less than one
		n := min(geluLanes, len(x))
		var near, far, gradients, in [geluLanes]float32
		copy(gradients[:], dy[:n])
		copy(in[:], x[:n])
		if gradient {
			run2(kGeluGrad, far[:n], gradients[:n], in[:n])
		} else {
			run1(kGelu, far[:n], in[:n])
		}
		for i, v := range x[:n] {
			if !(v > -geluLimit) {
				in[i] = 0
			}
		}
		kernel(near[:], gradients[:], in[:])
		for i, v := range x[:n] {
			if v > -geluLimit {
				dst[i] = near[i]
			} else {
				dst[i] = far[i]
			}
		}
		dst, dy, x = dst[n:], dy[n:], x[n:]
	}
}
