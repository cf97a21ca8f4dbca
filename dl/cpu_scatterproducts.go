package dl

import "modelbook/dl/internal/parallel"

func (cpu) scatterProducts(s productScatter, y *Tensor) {
	switch y.dtype {
	case Float32:
		productsOf(s, s.t.f32(), s.src.f32(), y.f32())
	case Float64:
		productsOf(s, s.t.f64(), s.src.f64(), y.f64())
	default:
		productsOf(s, elements[int64](s.t), elements[int64](s.src), elements[int64](y))
	}
}

func (cpu) scatterProductsGrad(s productScatter, dy, dt, dsrc *Tensor) {
	if dy.dtype == Float32 {
		productGradsOf(s, s.t.f32(), s.src.f32(), dy.f32(), dt.f32(), dsrc.f32())
	} else {
		productGradsOf(s, s.t.f64(), s.src.f64(), dy.f64(), dt.f64(), dsrc.f64())
	}
}

// parts is into how many parts the others are divided, which threads multiply at the same time: it depends on their
// number alone, as the products do then.
func (s *productScatter) parts() int {
	if len(s.at) < max(parts*s.t.size, elementGrain) { // parts would have little to do
		return 1
	}
	return parts
}

// rowsOf is memory for a row of products for each part.
func rowsOf[T float | int64](s productScatter, count int) []T {
	return elements[T](result(s.t.dtype, shapeOf(count, s.t.size)))
}

// beginProducts writes what the products of places begin with.
func beginProducts[T float | int64](s productScatter, y, own []T) {
	copy(y, own)
	if s.exclude {
		for _, place := range s.at {
			y[place] = 1
		}
	}
}

// productsOf multiplies the others in their order, those of a part by themselves.
func productsOf[T float | int64](s productScatter, own, others, y []T) {
	beginProducts(s, y, own)
	if s.parts() == 1 {
		multiplyAt(y, others, s.at)
		return
	}
	each := partProducts(s, others, rowsOf[T](s, parts))
	parallel.For(len(y), elementGrain, func(lo, hi int) {
		for part := range parts {
			for place, v := range each[part*len(y):][lo:hi] {
				y[lo+place] *= v
			}
		}
	})
}

func multiplyAt[T float | int64](y, x []T, at []int) {
	x = x[:len(at)]
	for i, place := range at {
		y[place] *= x[i]
	}
}

// eachPart calls f for each part of the others.
func (s *productScatter) eachPart(f func(part, from, to int)) {
	n := s.parts()
	parallel.For(n, 1, func(lo, hi int) {
		for part := lo; part < hi; part++ {
			f(part, part*len(s.at)/n, (part+1)*len(s.at)/n)
		}
	})
}

// partProducts are the products of the others in each part, [parts, places].
func partProducts[T float | int64](s productScatter, others, each []T) []T {
	n := s.t.size
	s.eachPart(func(part, from, to int) {
		row := each[part*n:][:n]
		for place := range row {
			row[place] = 1
		}
		multiplyAt(row, others[from:to], s.at[from:to])
	})
	return each
}

// productGradsOf multiplies what is before each factor with what is behind it, so that a factor of 0 needs no care. What
// is behind begins with dy.
func productGradsOf[T float](s productScatter, own, others, dy, dt, dsrc []T) {
	n, count := s.t.size, s.parts()
	before, behind := rowsOf[T](s, count), rowsOf[T](s, count) // the part, for each part
	beginProducts(s, before[:n], own)
	if count == 1 {
		copy(behind, dy)
	} else {
		partProducts(s, others, behind)
		parallel.For(n, elementGrain, func(lo, hi int) { aroundParts(before, behind, dy, dt, n, lo, hi) })
	}
	s.eachPart(func(part, from, to int) {
		aroundFactors(before[part*n:][:n], behind[part*n:][:n], others[from:to], dsrc[from:to], s.at[from:to])
	})
	if count == 1 {
		copy(dt, behind) // all factors are behind the own one
	}
	if s.exclude {
		for _, place := range s.at {
			dt[place] = 0
		}
	}
}

// aroundParts makes products of parts, in behind, those of what is before each part, of which the first are given, and
// behind it, and of all parts in dt.
func aroundParts[T float](before, behind, dy, dt []T, n, lo, hi int) {
	for place := lo; place < hi; place++ {
		for i := place; i+n < len(before); i += n {
			before[i+n] = before[i] * behind[i]
		}
		product := dy[place]
		for i := len(behind) - n + place; i >= 0; i -= n {
			behind[i], product = product, product*behind[i]
		}
		dt[place] = product
	}
}

// aroundFactors makes the products of what is before each factor of a part and behind it.
func aroundFactors[T float](before, behind, x, dx []T, at []int) {
	x, dx = x[:len(at)], dx[:len(at)]
	for i, place := range at {
		v := before[place]
		dx[i], before[place] = v, v*x[i]
	}
	for i := len(at) - 1; i >= 0; i-- {
		v := behind[at[i]]
		dx[i] *= v
		behind[at[i]] = v * x[i]
	}
}
