package dl

func (cpu) runningExtreme(s scan, sign float64) {
	switch s.x.dtype {
	case Float32:
		runningLanes(s, s.x.f32(), sign > 0)
	case Float64:
		runningLanes(s, s.x.f64(), sign > 0)
	default:
		runningLanes(s, s.x.i64(), sign > 0)
	}
}

// runningLanes finds where the largest, or the smallest, so far is: the last of equals, or of NaN.
func runningLanes[T number](s scan, x []T, largest bool) {
	y := s.y.i64()
	s.lanes(func(at, n, step int) {
		best, place := x[at], int64(0)
		for i := range n {
			v := x[at]
			if v != v || best == best && (largest && v >= best || !largest && v <= best) {
				best, place = v, int64(i)
			}
			y[at] = place
			at += step
		}
	})
}
