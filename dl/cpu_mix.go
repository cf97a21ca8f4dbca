package dl

import (
	"sync"

	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

func (cpu) mix(m mixture, x, y *Tensor, back bool) {
	parts := m.outer
	if !back {
		parts *= m.to
	}
	if x.dtype == Float64 {
		mixRows(&m, x.f64(), y.f64(), back, 0, parts, addScaled)
		return
	}
	j := mixJobs.Get().(*mixJob)
	*j = mixJob{m, x.f32(), y.f32(), back}
	parallel.Run(parts, rowGrain(len(j.y)/max(parts, 1)), j)
	*j = mixJob{}
	mixJobs.Put(j)
}

// A mixJob applies a mixture to some rows, or, backwards, to some of the outer places.
type mixJob struct {
	m    mixture
	x, y []float32
	back bool
}

// mixJobs are kept, so that an operation allocates nothing.
var mixJobs = sync.Pool{New: func() any { return new(mixJob) }}

func (j *mixJob) Range(lo, hi int) { mixRows(&j.m, j.x, j.y, j.back, lo, hi, axpy) }

// axpy adds f*x to y.
func axpy(f float32, x, y []float32) {
	if len(x) >= 8 {
		vec.Axpy(f, x, y)
		return
	}
	for i, v := range x {
		y[i] += f * v
	}
}

func mixRows[T float](m *mixture, x, y []T, back bool, lo, hi int, add func(f T, x, y []T)) {
	n := m.inner
	if back {
		for o := lo; o < hi; o++ {
			clear(y[o*m.from*n : (o+1)*m.from*n])
			for i, place := range m.at {
				if w := T(m.weights[i]); w != 0 {
					add(w, x[(o*m.to+i/m.taps)*n:][:n], y[(o*m.from+place)*n:][:n])
				}
			}
		}
		return
	}
	for row := lo; row < hi; row++ {
		o, i := row/m.to, row%m.to
		out := y[row*n:][:n]
		clear(out)
		for k, place := range m.at[i*m.taps : (i+1)*m.taps] {
			if w := T(m.weights[i*m.taps+k]); w != 0 {
				add(w, x[(o*m.from+place)*n:][:n], out)
			}
		}
	}
}
