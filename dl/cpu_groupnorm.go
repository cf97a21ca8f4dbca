package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

// sample is the part of a tensor that belongs to sample n of several.
func (l *groupNorm) sample(t *Tensor, n int) []float32 {
	size := t.size / l.moments.shape[0]
	return t.f32()[n*size : (n+1)*size]
}

func (l *groupNorm) channels() int { return l.x.shape[len(l.x.shape)-1] }

// factor is gamma of a channel, or 1.
func factor(gamma []float32, k int) float64 {
	if gamma == nil {
		return 1
	}
	return float64(gamma[k])
}

func (cpu) groupNorm(l groupNorm) {
	if l.x.size == 0 {
		if l.moments != nil {
			l.moments.clear()
		}
		return
	}
	if l.x.dtype == Float64 {
		l.doubles()
		return
	}
	c := l.channels()
	size := l.x.size / l.x.shape[0]
	share(l.x.shape[0], rowGrain(2*size), pass{f: groupNormPass, a: l.x.f32(), dst: l.y.f32(), b: l.gamma.values(), c: l.beta.values(),
		sums: l.moments.f64(), n: size, m: c, at: nil, s: params{l.eps, float64(l.groups)}})
}

// groupNormPass normalises samples. Sums are of distances, from the first place and then from the mean, as those of
// BatchNorm are: so a constant group has a variance of exactly 0 however far from 0 it is.
func groupNormPass(p *pass, lo, hi int) {
	c, groups := p.m, int(p.s[1])
	per := c / groups // channels of a group
	w := wideRows(c, p.n)
	room := takePart(4 * w.n)
	part, at, scale, shift := room[:w.n], room[w.n:2*w.n], room[2*w.n:3*w.n], room[3*w.n:]
	for n := lo; n < hi; n++ {
		x, y, moments := p.a[n*p.n:(n+1)*p.n], p.dst[n*p.n:(n+1)*p.n], p.sums[2*n*groups:2*(n+1)*groups]
		count := float64(len(x) / groups)
		copy(at, x[:c])
		w.repeat(at)
		for g := range groups {
			moments[2*g], moments[2*g+1] = 0, 0
			for _, v := range x[g*per : (g+1)*per] {
				moments[2*g] += float64(v) / float64(per)
			}
		}
		w.each(x, part, func(lo, hi int) { vec.Deviations(part[:hi-lo], x[lo:hi], at[:hi-lo]) }, func(k int, sum float64) {
			moments[k/per*2] += sum / count
		})
		for k := range c {
			at[k] = float32(moments[k/per*2])
		}
		w.repeat(at)
		w.each(x, part, func(lo, hi int) { vec.SquareDeviations(part[:hi-lo], x[lo:hi], at[:hi-lo]) }, func(k int, sum float64) {
			moments[k/per*2+1] += sum / count
		})
		for g := range groups {
			off := moments[2*g] - float64(at[g*per]) // by which the float32 is off the mean
			moments[2*g+1] = 1 / math.Sqrt(max(0, moments[2*g+1]-off*off)+p.s[0])
		}
		for k := range c {
			f := factor(p.b, k) * moments[k/per*2+1]
			scale[k], shift[k] = float32(f), float32(-(moments[k/per*2]-float64(at[k]))*f)
			if p.c != nil {
				shift[k] += p.c[k]
			}
		}
		w.repeat(scale, shift)
		for i := 0; i < len(x); i += w.n {
			j := min(i+w.n, len(x))
			vec.Normalize(y[i:j], x[i:j], at[:j-i], scale[:j-i], shift[:j-i], false)
		}
	}
	releasePart(room)
}

// each calls add for the long rows of x, which adds to part, and hands the sums of part on for each channel, from time
// to time so that a float32 holds them.
func (w wide) each(x, part []float32, add func(lo, hi int), sum func(channel int, sum float64)) {
	height := chunkRows(w.n) * w.n
	for from := 0; from < len(x); from += height {
		clear(part)
		for i := from; i < min(from+height, len(x)); i += w.n {
			add(i, min(i+w.n, len(x)))
		}
		for k := range w.channels {
			total := 0.0
			for i := k; i < w.n; i += w.channels {
				total += float64(part[i])
			}
			sum(k, total)
		}
	}
}

func (cpu) groupNormGrad(l groupNormGrad) {
	l.sums.clear()
	if l.x.size == 0 {
		return
	}
	if l.x.dtype == Float64 {
		l.doubles()
		return
	}
	c, samples := l.channels(), l.x.shape[0]
	size := l.x.size / samples
	parts := result(Float64, shapeOf(samples, 2, c)).f64()
	share(samples, rowGrain(2*size), pass{f: groupNormGradPass, t: [3]*Tensor{l.moments}, a: l.x.f32(), b: l.dy.f32(), c: l.gamma.values(), dst: l.dx.values(),
		sums: parts, n: size, m: c, s: params{0, float64(l.groups)}})
	sums := l.sums.f64()
	for i, v := range parts {
		sums[i%(2*c)] += v
	}
}

// groupNormGradPass writes the sums of gradients of gamma and beta for samples, and dx = (x-mean)*b + k + dy*a unless it
// is nil.
func groupNormGradPass(p *pass, lo, hi int) {
	c, groups := p.m, int(p.s[1])
	per := c / groups
	w := wideRows(c, p.n)
	room := takePart(6 * w.n)
	part, more, at := room[:w.n], room[w.n:2*w.n], room[2*w.n:3*w.n]
	a, b, add := room[3*w.n:4*w.n], room[4*w.n:5*w.n], room[5*w.n:]
	norm := vec.NormGrad{Mean: at, Scale: a, X: b, Add: add}
	for n := lo; n < hi; n++ {
		x, dy := p.a[n*p.n:(n+1)*p.n], p.b[n*p.n:(n+1)*p.n]
		moments := p.t[0].f64()[2*n*groups : 2*(n+1)*groups]
		count := float64(len(x) / groups)
		sums := p.sums[2*n*c : 2*(n+1)*c]
		dgamma, dbeta := sums[:c], sums[c:]
		clear(sums)
		for k := range c {
			at[k] = float32(moments[k/per*2])
		}
		w.repeat(at)
		height := chunkRows(w.n) * w.n
		for from := 0; from < len(x); from += height {
			clear(part)
			clear(more)
			for i := from; i < min(from+height, len(x)); i += w.n {
				j := min(i+w.n, len(x))
				norm.Sums(part, more, dy[i:j], x[i:j])
			}
			for i, v := range part {
				dgamma[i%c] += float64(v)
				dbeta[i%c] += float64(more[i])
			}
		}
		for g := range groups {
			mean, scale := moments[2*g], moments[2*g+1]
			first, second := 0.0, 0.0 // sums of gamma*dy, and of that times the normalised x
			for k := g * per; k < (g+1)*per; k++ {
				dgamma[k] -= (mean - float64(at[k])) * dbeta[k] // the kernel's mean is a float32
				dgamma[k] *= scale
				first += factor(p.c, k) * dbeta[k]
				second += factor(p.c, k) * dgamma[k]
			}
			for k := g * per; k < (g+1)*per; k++ {
				f := -scale * scale * second / count
				a[k], b[k], add[k] = float32(factor(p.c, k)*scale), float32(f), float32(-scale*first/count-(mean-float64(at[k]))*f)
			}
		}
		if p.dst == nil {
			continue
		}
		w.repeat(a, b, add)
		norm.Rows(p.dst[n*p.n:(n+1)*p.n], dy, x)
	}
	releasePart(room)
}

// doubles normalises float64 samples.
func (l *groupNorm) doubles() {
	l.eachGroup(func(at func(i int) (place, channel int), count, group int) {
		x, y, moments := l.x.f64(), l.y.f64(), l.moments.f64()
		mean, variance := 0.0, 0.0
		for i := range count {
			place, _ := at(i)
			mean += x[place] / float64(count)
		}
		for i := range count {
			place, _ := at(i)
			variance += (x[place] - mean) * (x[place] - mean) / float64(count)
		}
		scale := 1 / math.Sqrt(variance+l.eps)
		moments[2*group], moments[2*group+1] = mean, scale
		for i := range count {
			place, k := at(i)
			v := (x[place] - mean) * scale
			if l.gamma != nil {
				v *= l.gamma.f64()[k]
			}
			if l.beta != nil {
				v += l.beta.f64()[k]
			}
			y[place] = v
		}
	})
}

// eachGroup calls f for each group of each sample, with a function that finds its values.
func (l *groupNorm) eachGroup(f func(at func(i int) (place, channel int), count, group int)) {
	c := l.channels()
	per, size := c/l.groups, l.x.size/l.x.shape[0]
	for group := range l.x.shape[0] * l.groups {
		n, g := group/l.groups, group%l.groups
		f(func(i int) (place, channel int) {
			channel = g*per + i%per
			return n*size + i/per*c + channel, channel
		}, size/l.groups, group)
	}
}

// doubles computes the gradients of float64 samples.
func (l *groupNormGrad) doubles() {
	c := l.channels()
	l.eachGroup(func(at func(i int) (place, channel int), count, group int) {
		x, dy, moments, sums := l.x.f64(), l.dy.f64(), l.moments.f64(), l.sums.f64()
		mean, scale := moments[2*group], moments[2*group+1]
		gamma := func(k int) float64 {
			if l.gamma == nil {
				return 1
			}
			return l.gamma.f64()[k]
		}
		first, second := 0.0, 0.0
		for i := range count {
			place, k := at(i)
			d, norm := dy[place], (x[place]-mean)*scale
			sums[k] += d * norm
			sums[c+k] += d
			first += d * gamma(k) / float64(count)
			second += d * gamma(k) * norm / float64(count)
		}
		if l.dx == nil {
			return
		}
		for i := range count {
			place, k := at(i)
			l.dx.f64()[place] = scale * (dy[place]*gamma(k) - first - (x[place]-mean)*scale*second)
		}
	})
}
