package dl

import (
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

func (cpu) scan(s scan) {
	switch s.x.dtype {
	case Float32:
		scanLanes[float32, float64](s, s.x.f32(), s.y.f32())
	case Float64:
		scanLanes[float64, float64](s, s.x.f64(), s.y.f64())
	default:
		scanLanes[int64, int64](s, s.x.i64(), s.y.i64())
	}
}

// lanes calls f for each lane of a scan, with its first element in the order of
// the scan, and how far the next one is.
func (s *scan) lanes(f func(at, n, step int)) {
	n, inner := s.x.shape[s.axis], Shape(s.x.shape[s.axis+1:]).Size()
	parallel.For(s.x.size/n, rowGrain(n), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			at := k/inner*n*inner + k%inner
			if s.reverse {
				f(at+(n-1)*inner, n, -inner)
			} else {
				f(at, n, inner)
			}
		}
	})
}

// scanLanes adds up, or multiplies, in the type A.
func scanLanes[T, A number](s scan, x, y []T) {
	if s.last {
		n := s.x.shape[s.axis]
		parallel.For(len(y), rowGrain(n), func(lo, hi int) {
			for r := lo; r < hi; r++ {
				row := x[r*n : (r+1)*n]
				if singles, ok := any(row).([]float32); ok {
					if product, ok := vec.Product(singles); ok {
						y[r] = T(product)
						continue
					}
				}
				y[r] = T(productOf[T, A](row))
			}
		})
		return
	}
	if inner := Shape(s.x.shape[s.axis+1:]).Size(); inner >= 16 && !s.product && s.x.dtype == Float32 {
		sumDown(s, inner)
		return
	} else if inner >= 8 {
		scanRows[T, A](s, x, y, inner)
		return
	}
	s.lanes(func(at, n, step int) {
		if s.product {
			for p := A(1); n > 0; n-- {
				p *= A(x[at])
				y[at] = T(p)
				at += step
			}
			return
		}
		for sum := A(0); n > 0; n-- {
			sum += A(x[at])
			y[at] = T(sum)
			at += step
		}
	})
}

// scanWidth is how many lanes that lie side by side are gone through together.
const scanWidth = 128

// scanRows is scanLanes row by row, for lanes that lie side by side.
func scanRows[T, A number](s scan, x, y []T, inner int) {
	n := s.x.shape[s.axis]
	strips := (inner + scanWidth - 1) / scanWidth
	parallel.For(len(x)/(n*inner)*strips, rowGrain(n*min(inner, scanWidth)), func(lo, hi int) {
		var room [scanWidth]A
		for k := lo; k < hi; k++ {
			first := k % strips * scanWidth
			at, step := k/strips*n*inner+first, inner
			if s.reverse {
				at, step = at+(n-1)*inner, -inner
			}
			sums := room[:min(scanWidth, inner-first)]
			for j := range sums {
				sums[j] = A(x[at+j])
			}
			copy(y[at:at+len(sums)], x[at:at+len(sums)])
			for range n - 1 {
				at += step
				row, out := x[at:at+len(sums)], y[at:at+len(sums)]
				if s.product {
					for j, v := range row {
						sums[j] *= A(v)
						out[j] = T(sums[j])
					}
					continue
				}
				for j, v := range row {
					sums[j] += A(v)
					out[j] = T(sums[j])
				}
			}
		}
	})
}

// sumDown does sums of float32 by strips of lanes that lie side by side.
func sumDown(s scan, inner int) {
	n, width := s.x.shape[s.axis], strip(inner)
	strips := (inner + width - 1) / width
	share(s.x.size/(n*inner)*strips, rowGrain(n*width), pass{f: sumDownPass, dst: s.y.f32(), a: s.x.f32(), n: n, m: inner, key: uint64(width), flag: s.reverse})
}

func sumDownPass(p *pass, lo, hi int) {
	n, inner, most := p.n, p.m, int(p.key)
	strips := (inner + most - 1) / most
	room := takePart(2 * most)
	for k := lo; k < hi; k++ {
		from := k % strips * most
		at, step := k/strips*n*inner+from, inner
		if p.flag {
			at, step = at+(n-1)*inner, -inner
		}
		clear(room)
		width := min(most, inner-from)
		vec.ScanRows(room[:width], room[most:][:width], p.dst, p.a, at, step, n)
	}
	releasePart(room)
}

func (cpu) scanGrad(s scan, dy, dx *Tensor) {
	s.reverse = true
	if s.x.dtype == Float32 {
		productLanes(s, s.x.f32(), s.y.f32(), dy.f32(), dx.f32())
	} else {
		productLanes(s, s.x.f64(), s.y.f64(), dy.f64(), dx.f64())
	}
}

// productLanes goes back through y[k] = y[k-1]*x[k]: g is the whole gradient of
// y[k].
func productLanes[T float](s scan, x, y, dy, dx []T) {
	s.lanes(func(at, n, step int) {
		g := 0.0
		for k := n - 1; k >= 0; k-- {
			g += float64(dy[at])
			before := 1.0
			if k > 0 {
				before = float64(y[at+step])
			}
			dx[at] = T(g * before)
			g *= float64(x[at])
			at += step
		}
	})
}

// productOf multiplies in eight chains, so that one product need not wait for the one before.
func productOf[T, A number](x []T) A {
	p := [8]A{1, 1, 1, 1, 1, 1, 1, 1}
	for ; len(x) >= 8; x = x[8:] {
		p[0] *= A(x[0])
		p[1] *= A(x[1])
		p[2] *= A(x[2])
		p[3] *= A(x[3])
		p[4] *= A(x[4])
		p[5] *= A(x[5])
		p[6] *= A(x[6])
		p[7] *= A(x[7])
	}
	for _, v := range x {
		p[0] *= A(v)
	}
	return ((p[0] * p[1]) * (p[2] * p[3])) * ((p[4] * p[5]) * (p[6] * p[7]))
}
