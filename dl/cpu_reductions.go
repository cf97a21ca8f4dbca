package dl

func (cpu) sumRows(x, sums *Tensor) {
	if x.dtype == Float32 {
		columnSums(sums.f32(), x.f32())
	} else {
		sumDoubleRows(sums.f64(), x.f64())
	}
}

// sumDoubleRows writes the sums of the columns of x, rows of len(sums) elements.
func sumDoubleRows(sums, x []float64) {
	clear(sums)
	for i, v := range x {
		sums[i%len(sums)] += v
	}
}
