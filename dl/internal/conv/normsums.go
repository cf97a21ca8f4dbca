package conv

import "modelbook/dl/internal/vec"

// NormSums are the sums over all pixels with which a batch normalisation in front of a convolution begins its way back. What
// it gets is the dx of the convolution, which adds it up while it is in a near cache.
type NormSums struct {
	vec.NormGrad           // of which what Sums needs is known
	X            []float32 // the operand of the norm; nil: there is none
	Sums         []float64 // [2, C], those of scale and of shift
}

// sumRows is the number of long rows whose sums float32 holds.
const sumRows = 32

// take adds what comes from the gradients dx of the elements from at on.
func (n *NormSums) take(s *scratch, dx []float32, at int, sums []float64) {
	c, wide := len(sums)/2, len(n.Mean)
	s.sums = grow(s.sums, 2*wide)
	scale, shift := s.sums[:wide], s.sums[wide:]
	for from := 0; from < len(dx); from += sumRows * wide {
		clear(s.sums)
		for i := from; i < min(from+sumRows*wide, len(dx)); i += wide {
			to := min(i+wide, len(dx))
			n.NormGrad.Sums(scale, shift, dx[i:to], n.X[at+i:])
		}
		for k, row := range [2][]float32{scale, shift} {
			vec.SumRows(row[:c], row[c:])
			for i, v := range row[:c] {
				sums[k*c+i] += float64(v)
			}
		}
	}
}

// begin returns room for the sums of so many parts.
func (n *NormSums) begin(room []float64, parts int) []float64 {
	if n.X == nil {
		return room[:0]
	}
	size := parts * len(n.Sums)
	if cap(room) < size {
		room = make([]float64, size)
	}
	clear(room[:size])
	return room[:size]
}

// end adds up the parts in their order, and reports whether there are any.
func (n *NormSums) end(parts []float64) bool {
	if len(parts) == 0 {
		return false
	}
	clear(n.Sums)
	for i, v := range parts {
		n.Sums[i%len(n.Sums)] += v
	}
	return true
}
