package dl

// AdaptiveAvgPool returns means of x [N, L, C], [N, H, W, C] or [N, D, H, W, C] so that so many places remain along each
// axis between the first and the last: place i of n, of size places, is the mean of those from i*size/n, rounded down,
// to (i+1)*size/n, rounded up. Windows overlap where n does not divide the size.
func AdaptiveAvgPool(x *Tensor, sizes ...int) *Tensor {
	const op = "AdaptiveAvgPool"
	x.resizable(op, sizes)
	for i, n := range sizes {
		size := x.shape[i+1]
		if size == n {
			continue
		}
		m := newMixture(x, i+1, n, widest(size, n))
		for k := range n {
			from, to := under(k, size, n)
			for j := range m.taps {
				m.at[k*m.taps+j], m.weights[k*m.taps+j] = min(from+j, to-1), 0
				if from+j < to {
					m.weights[k*m.taps+j] = 1 / float64(to-from)
				}
			}
		}
		x = x.mixed(op, i+1, m)
	}
	return x
}

// under are the places, of size, that place i of n stands for.
func under(i, size, n int) (from, to int) { return i * size / n, ((i+1)*size + n - 1) / n }

// widest is the most that one stands for.
func widest(size, n int) (most int) {
	for i := range n {
		from, to := under(i, size, n)
		most = max(most, to-from)
	}
	return most
}

// AdaptiveMaxPool returns the largest elements of the windows of [AdaptiveAvgPool].
func AdaptiveMaxPool(x *Tensor, sizes ...int) *Tensor {
	const op = "AdaptiveMaxPool"
	x.resizable(op, sizes)
	for i, n := range sizes {
		axis, size := i+1, x.shape[i+1]
		if size == n {
			continue
		}
		taps := widest(size, n)
		at := ints(n * taps)
		for k := range at {
			from, to := under(k/taps, size, n)
			at[k] = min(from+k%taps, to-1) // the last one again does not matter
		}
		windows := newShape(len(x.shape) + 1)
		copy(windows, x.shape[:axis])
		windows[axis], windows[axis+1] = n, taps
		copy(windows[axis+2:], x.shape[axis+1:])
		x = x.along(op, axis, at).Reshape(windows...).Max(axis + 1)
	}
	return x
}
