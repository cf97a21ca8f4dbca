package optim

import "math"

// normChunk is how many values are added up together for a norm, whatever the number of threads.
const normChunk = 1 << 14

// norms are two sums of squares, by chunks.
type norms struct{ sums [][2]float64 }

// begin makes room for n values and returns the number of chunks.
func (s *norms) begin(n int) int {
	return s.beginParts((n + normChunk - 1) / normChunk)
}

// beginParts makes room for so many parts.
func (s *norms) beginParts(chunks int) int {
	if cap(s.sums) < chunks {
		s.sums = make([][2]float64, chunks)
	}
	s.sums = s.sums[:chunks]
	return chunks
}

func (s *norms) add(chunk int, a, b float64) { s.sums[chunk] = [2]float64{a, b} }

// of are the two norms.
func (s *norms) of() (a, b float64) {
	for _, sum := range s.sums {
		a, b = a+sum[0], b+sum[1]
	}
	return math.Sqrt(a), math.Sqrt(b)
}
