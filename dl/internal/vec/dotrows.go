package vec

// DotRows computes c[j] = x * row j, or adds it, for rows of the length of x that lie stride apart, as of a matrix that comes
// from memory: two at a time, one from each half of the rows, because two long streams come faster than one.
func DotRows(c, x, rows []float32, stride int, add bool) {
	half := len(c) / 2
	a := args{}
	for j := range half {
		y, z := rows[j*stride:][:len(x)], rows[(j+half)*stride:][:len(x)]
		var v, w float64
		if len(x) == 0 || len(x) > block {
			v, w = Dot2(x, y, z)
		} else if a.p[0], a.p[1], a.p[2] = &x[0], &y[0], &z[0]; a.run(kDot2, len(x)) {
			v, w = float64(a.r[0]), float64(a.r[1])
		} else {
			v, w = Dot2(x, y, z)
		}
		put(&c[j], v, add)
		put(&c[j+half], w, add)
	}
	if last := len(c) - 1; last == 2*half {
		put(&c[last], Dot(x, rows[last*stride:][:len(x)]), add)
	}
}

func put(c *float32, v float64, add bool) {
	if add {
		*c += float32(v)
	} else {
		*c = float32(v)
	}
}
