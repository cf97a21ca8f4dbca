package dl

import (
	"math"

	"modelbook/dl/internal/parallel"
	"modelbook/internal/freelist"
)

func (cpu) rotate(r rotation) {
	if r.x.size == 0 {
		return
	}
	j := rotations.Take()
	j.rotation = r
	n, t := r.x.shape[0], r.x.shape[1]
	parallel.Run(t, rowGrain(n*r.x.shape[2]), j)
	j.rotation = rotation{}
	rotations.Put(j)
}

// A rotating is a rotation under way: threads take positions.
type rotating struct{ rotation }

var rotations freelist.List[rotating]

// angles are the sines and cosines of a position.
type angles struct{ sin, cos []float64 }

var anglesFree freelist.List[angles]

func (j *rotating) Range(lo, hi int) {
	a := anglesFree.Take()
	half := j.size / 2
	if cap(a.sin) < half {
		a.sin, a.cos = make([]float64, half), make([]float64, half)
	}
	a.sin, a.cos = a.sin[:half], a.cos[:half]
	for t := lo; t < hi; t++ {
		for b := range j.x.shape[0] {
			if b == 0 || j.offsets != nil {
				j.turn(a, b, t)
			}
			if j.x.dtype == Float32 {
				rotateRow(j, a, j.y.data.([]float32), j.x.data.([]float32), b, t)
			} else {
				rotateRow(j, a, j.y.data.([]float64), j.x.data.([]float64), b, t)
			}
		}
	}
	anglesFree.Put(a)
}

// turn computes the angles of row t of a sample.
func (j *rotating) turn(a *angles, b, t int) {
	p := j.offset + t
	if j.offsets != nil {
		p = j.offsets[b] + t
	}
	for i, f := range j.frequencies.f64() {
		a.sin[i], a.cos[i] = math.Sincos(float64(p) * f)
		if j.back {
			a.sin[i] = -a.sin[i]
		}
	}
}

// rotateRow turns row t of a sample.
func rotateRow[T float32 | float64](j *rotating, a *angles, dst, src []T, b, t int) {
	from, to := j.x.layout(), j.y.layout()
	n := j.heads * j.width
	x := src[from.offset+b*from.strides[0]+t*from.strides[1]:][:n]
	y := dst[to.offset+b*to.strides[0]+t*to.strides[1]:][:n]
	half := j.size / 2
	for h := range j.turned {
		x, y := x[h*j.width:][:j.width], y[h*j.width:][:j.width]
		if j.interleaved {
			for i, s := range a.sin {
				s, c := T(s), T(a.cos[i])
				u, v := x[2*i], x[2*i+1]
				y[2*i], y[2*i+1] = u*c-v*s, v*c+u*s
			}
		} else {
			first, second := x[:half], x[half:][:half]
			left, right := y[:half], y[half:][:half]
			cos := a.cos[:half]
			for i, s := range a.sin[:half] {
				s, c := T(s), T(cos[i])
				u, v := first[i], second[i]
				left[i], right[i] = u*c-v*s, v*c+u*s
			}
		}
		copy(y[j.size:], x[j.size:])
	}
	copy(y[j.turned*j.width:], x[j.turned*j.width:])
}
