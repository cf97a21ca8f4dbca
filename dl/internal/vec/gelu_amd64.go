//go:build amd64 && !purego

package vec

const (
	geluLanes      = 16          // values that the kernels of intervals take at once
	geluLimit      = 31.45 / 6   // they reach from minus this on
	geluSlopeLimit = 31.45 / 5.5 // and those of derivatives from minus this
)

// inIntervals computes GELU, its approximation with tanh, or dy times the derivative of one of them, by polynomials of
// intervals, and reports whether there is a kernel for it. k computes what these do not reach. An element has the same
// result wherever it stands.
func inIntervals(k kernel, dst, dy, x []float32) bool {
	if !best.masks {
		return false
	}
	dy, x = dy[:len(dst)], x[:len(dst)]
	reach := func(dst, dy, x []float32) (done int) {
		vectors := int64(len(x) / geluLanes)
		if vectors == 0 {
			return 0
		}
		switch k {
		case kGelu:
			vectors = geluIntervalsAVX512(&dst[0], &x[0], vectors)
		case kGeluGrad:
			vectors = geluGradIntervalsAVX512(&dst[0], &dy[0], &x[0], vectors)
		case kGeluTanh:
			vectors = geluTanhIntervalsAVX512(&dst[0], &x[0], vectors)
		case kGeluTanhGrad:
			vectors = geluTanhGradIntervalsAVX512(&dst[0], &dy[0], &x[0], vectors)
		}
		return geluLanes * int(vectors)
	}
	limit := float32(geluLimit)
	if k == kGeluGrad || k == kGeluTanhGrad {
		limit = geluSlopeLimit
	}
	for {
		done := reach(dst, dy, x)
		dst, dy, x = dst[done:], dy[done:], x[done:]
		if len(x) == 0 {
			return true
		}
		// a vector with an element that the intervals do not reach, or less than one
		n := min(geluLanes, len(x))
		var near, far, gradients, in [geluLanes]float32
		copy(gradients[:], dy[:n])
		copy(in[:], x[:n])
		if k == kGelu || k == kGeluTanh {
			run1(k, far[:n], in[:n])
		} else {
			run2(k, far[:n], gradients[:n], in[:n])
		}
		for i, v := range x[:n] {
			if !(v > -limit) {
				in[i] = 0
			}
		}
		reach(near[:], gradients[:], in[:])
		for i, v := range x[:n] {
			if v > -limit {
				dst[i] = near[i]
			} else {
				dst[i] = far[i]
			}
		}
		dst, dy, x = dst[n:], dy[n:], x[n:]
	}
}
