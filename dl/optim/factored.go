package optim

import (
	"math"
	"unsafe"

	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

// adafactorPass is Adafactor's loops over the values of one parameter: for the squares of the gradient, for the norms of
// parameter and step, and for the values.
type adafactorPass[T float] struct {
	vec.Factors
	p, g        []T
	row, column []T // of all matrices, the scale of their rows in mine; or the squares of a vector, in column
	mine        []float64
	columns     int // of a matrix, 0: a vector
	rows        int
	phase       int
	norms       norms

	// For the squares of one matrix, whose rows are cut into parts:
	first, parts int
	sums         []T       // of the columns, part by part
	squares      []float64 // of the rows
}

// The phases of a step.
const (
	adafactorSquares = iota
	adafactorNorms
	adafactorValues
)

// begin sets what the rule says.
func (w *adafactorPass[T]) begin(r *adafactorRule, p, g []T) {
	epsilon := r.epsilon
	if epsilon == 0 {
		if epsilon = 0x1p-52; unsafe.Sizeof(p[0]) == 4 {
			epsilon = 0x1p-23
		}
	}
	w.Factors = vec.Factors{Keep: r.keep, Scale: 1, Least: epsilon * epsilon, Share: math.Pow(float64(r.step), r.decay)}
	w.p, w.g = p, g
}

// vector takes the step of a parameter of one axis or none.
func (w *adafactorPass[T]) vector(r *adafactorRule, p, g, v []T) {
	w.begin(r, p, g)
	w.column, w.columns, w.rows = v, 0, 0
	w.apply(r, w.norms.begin(len(p)), 1)
}

// matrices takes the step of matrices in the last two axes.
func (w *adafactorPass[T]) matrices(r *adafactorRule, rows, columns int, p, g, row, column []T) {
	w.begin(r, p, g)
	w.row, w.column, w.rows, w.columns = row, column, rows, columns
	w.mine, w.squares = sizedDoubles(w.mine, len(row)), sizedDoubles(w.squares, rows)
	w.parts = min(rows, 16, 1+rows*columns/normChunk)
	if need := w.parts * columns; cap(w.sums) < need {
		w.sums = hugepages.Make[T](need)
	} else {
		w.sums = w.sums[:need]
	}
	w.phase = adafactorSquares
	epsilon := math.Sqrt(w.Least)
	for k := range len(row) / rows {
		w.first = k * rows
		clear(w.sums)
		parallel.Run(w.parts, 1, w)
		mine, theirs, sum := row[k*rows:(k+1)*rows], column[k*columns:(k+1)*columns], 0.0
		for i, squares := range w.squares {
			mine[i] += T(w.Share * (squares/float64(columns) - float64(mine[i])))
			sum += float64(mine[i])
		}
		for j := range theirs {
			squares := 0.0
			for at := j; at < len(w.sums); at += columns {
				squares += float64(w.sums[at])
			}
			theirs[j] += T(w.Share * (squares/float64(rows) - float64(theirs[j])))
		}
		mean := max(sum/float64(rows), epsilon)
		for i, v := range mine {
			w.mine[w.first+i] = float64(v) / mean
		}
	}
	w.apply(r, w.norms.beginParts(len(row)), max(1, normChunk/columns))
}

// apply takes the step, whose parts are rows, or chunks of a vector.
func (w *adafactorPass[T]) apply(r *adafactorRule, parts, grain int) {
	w.phase = adafactorNorms
	parallel.Run(parts, grain, w)
	ofParameter, ofStep := w.norms.of()
	root := math.Sqrt(float64(len(w.p)))
	w.Rate = max(r.least, ofParameter/root) * min(r.rate, 1/math.Sqrt(float64(r.step))) / max(1, ofStep/root/r.threshold)
	w.phase = adafactorValues
	parallel.Run(parts, grain, w)
	w.p, w.g, w.row, w.column = nil, nil, nil, nil
}

// Range does parts of what the phase does.
func (w *adafactorPass[T]) Range(lo, hi int) {
	for k := lo; k < hi; k++ {
		switch {
		case w.phase == adafactorSquares:
			sums := w.sums[k*w.columns : (k+1)*w.columns]
			for i := w.rows * k / w.parts; i < w.rows*(k+1)/w.parts; i++ {
				at := (w.first + i) * w.columns
				w.squares[i] = vec.SquareSums(sums, w.g[at:at+w.columns])
			}
		case w.columns == 0:
			i, j := k*normChunk, min((k+1)*normChunk, len(w.p))
			if w.phase == adafactorValues {
				vec.FactorStep(w.p[i:j], w.g[i:j], w.column[i:j], &w.Factors)
				continue
			}
			ofParameter, ofStep := vec.FactorVector(w.p[i:j], w.g[i:j], w.column[i:j], &w.Factors)
			w.norms.add(k, ofParameter, ofStep)
		default:
			f := w.Factors
			f.Scale = w.mine[k]
			i, j := k*w.columns, (k+1)*w.columns
			theirs := w.column[k/w.rows*w.columns:][:w.columns]
			if w.phase == adafactorValues {
				vec.FactorStep(w.p[i:j], w.g[i:j], theirs, &f)
				continue
			}
			ofParameter, ofStep := vec.FactorNorms(w.p[i:j], w.g[i:j], theirs, &f)
			w.norms.add(k, ofParameter, ofStep)
		}
	}
}

// sizedDoubles is scratch of n values.
func sizedDoubles(scratch []float64, n int) []float64 {
	if cap(scratch) < n {
		return make([]float64, n)
	}
	return scratch[:n]
}
