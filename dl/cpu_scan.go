package dl

import "modelbook/dl/internal/parallel"

func (cpu) scan(s scan) {
	switch s.x.dtype {
	case Float32:
		scanLanes[float32, float64](s, s.x.f32(), s.y.f32())
	case Float64:
		scanLanes[float64, float64](s, s.x.f64(), s.y.f64())
	default:
		scanLanes[int64, int64](s, s.x.i64(), s.y.i64())
	}
}

// lanes calls f for each lane of a scan, with its first element in the order of
// the scan, and how far the next one is.
func (s *scan) lanes(f func(at, n, step int)) {
	n, inner := s.x.shape[s.axis], Shape(s.x.shape[s.axis+1:]).Size()
	parallel.For(s.x.size/n, rowGrain(n), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			at := k/inner*n*inner + k%inner
			if s.reverse {
				f(at+(n-1)*inner, n, -inner)
			} else {
				f(at, n, inner)
			}
		}
	})
}

// scanLanes adds up, or multiplies, in the type A.
func scanLanes[T, A number](s scan, x, y []T) {
	s.lanes(func(at, n, step int) {
		if s.product {
			for p := A(1); n > 0; n-- {
				p *= A(x[at])
				y[at] = T(p)
				at += step
			}
			return
		}
		for sum := A(0); n > 0; n-- {
			sum += A(x[at])
			y[at] = T(sum)
			at += step
		}
	})
}

func (cpu) scanGrad(s scan, dy, dx *Tensor) {
	s.reverse = true
	if s.x.dtype == Float32 {
		productLanes(s, s.x.f32(), s.y.f32(), dy.f32(), dx.f32())
	} else {
		productLanes(s, s.x.f64(), s.y.f64(), dy.f64(), dx.f64())
	}
}

// productLanes goes back through y[k] = y[k-1]*x[k]: g is the whole gradient of
// y[k].
func productLanes[T float](s scan, x, y, dy, dx []T) {
	s.lanes(func(at, n, step int) {
		g := 0.0
		for k := n - 1; k >= 0; k-- {
			g += float64(dy[at])
			before := 1.0
			if k > 0 {
				before = float64(y[at+step])
			}
			dx[at] = T(g * before)
			g *= float64(x[at])
			at += step
		}
	})
}
