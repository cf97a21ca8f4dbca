package dl

import (
	"math"

	"modelbook/dl/internal/conv"
	"modelbook/dl/internal/vec"
)

func (cpu) batchNorm(b batchNorm) {
	x, m, s := b.x, b.mean.f64(), b.scale.f64()
	c := len(m)
	mean, variance := b.running[0], b.running[1]
	if b.training {
		n := x.Size() / max(1, c)
		x.channelMoments(m, s)
		for k, v := range s {
			if b.update {
				put(mean, k, b.momentum*get(mean, k)+(1-b.momentum)*m[k])
				unbiased := v * float64(n) / float64(max(1, n-1))
				put(variance, k, b.momentum*get(variance, k)+(1-b.momentum)*unbiased)
			}
			s[k] = 1 / math.Sqrt(v+b.eps)
		}
	} else {
		for k := range m {
			m[k], s[k] = get(mean, k), 1/math.Sqrt(get(variance, k)+b.eps)
		}
	}
	if x.dtype == Float64 {
		for i, v := range x.f64() {
			y := b.gamma.f64()[i%c]*(v-m[i%c])*s[i%c] + b.beta.f64()[i%c]
			if b.relu && y < 0 {
				y = 0
			}
			b.y.f64()[i] = y
		}
		return
	}
	w := wideRows(c, x.size)
	at, scale, shift := w.row(), w.row(), w.row()
	w.normalizer(at, scale, shift, b.gamma, b.beta, m, s)
	w.share(x.f32(), pass{dst: b.y.f32(), a: x.f32(), b: at, c: scale, d: shift, flag: b.relu, f: func(p *pass, lo, hi int) {
		n := hi - lo
		vec.Normalize(p.dst[lo:hi], p.a[lo:hi], p.b[:n], p.c[:n], p.d[:n], p.flag)
	}})
}

// normalizer writes what BatchNorm does to an element: (x-at)*scale + shift. The mean is subtracted first, as a float32 that
// is exact for nearby elements; beta takes what that is off the mean.
func (w wide) normalizer(at, scale, shift []float32, gamma, beta *Tensor, mean, scales []float64) {
	for k, m := range mean {
		f := get(gamma, k) * scales[k]
		at[k], scale[k] = float32(m), float32(f)
		shift[k] = float32(get(beta, k) - (m-float64(at[k]))*f)
	}
	w.repeat(at, scale, shift)
}

// channelMoments writes the mean and the variance (divided by n) of each
// channel, the last axis. Chunks of rows have their own, which are joined (Chan,
// Golub and LeVeque, 1979): so memory is read once, and the second sum reads what
// is in a cache. Sums are of distances, from the chunk's first element of the
// channel and then from its mean, so that a channel far from 0 keeps its digits
// and a constant one has a variance of exactly 0.
func (t *Tensor) channelMoments(mean, variance []float64) {
	c := len(mean)
	n := float64(max(1, t.Size()/max(1, c)))
	clear(mean)
	clear(variance)
	if t.Size() == 0 {
		return
	}
	if t.dtype == Float64 {
		first := t.f64()[:c]
		for i, v := range t.f64() {
			mean[i%c] += (v - first[i%c]) / n
		}
		for k, v := range first {
			mean[k] += v
		}
		for i, v := range t.f64() {
			d := v - mean[i%c]
			variance[i%c] += d * d / n
		}
		return
	}
	w := wideRows(c, t.size)
	height := chunkRows(w.n) * w.n // elements of a chunk
	chunks := (t.size + height - 1) / height
	moments := result(Float64, shapeOf(chunks, 2, c)).f64()
	share(chunks, 1, pass{f: momentsPass, a: t.f32(), sums: moments, n: height, m: c})
	before := 0.0 // rows of the chunks that are joined
	for k := range chunks {
		rows := float64(min(height, t.size-k*height) / c)
		means, squares := moments[2*k*c:(2*k+1)*c], moments[(2*k+1)*c:(2*k+2)*c]
		part := rows / (before + rows)
		for i, m := range means {
			d := m - mean[i]
			mean[i] += d * part
			variance[i] += squares[i] + d*d*before*part
		}
		before += rows
	}
	for k := range variance {
		variance[k] /= n
	}
}

// momentsPass writes the means of the channels in chunks, and the sums of squares of the distances from them.
func momentsPass(p *pass, lo, hi int) {
	c := p.m
	w := wideRows(c, len(p.a))
	room := takePart(2 * w.n)
	at, part := room[:w.n], room[w.n:]
	for k := lo; k < hi; k++ {
		x := p.a[k*p.n : min((k+1)*p.n, len(p.a))]
		rows := float64(len(x) / c)
		means, squares := p.sums[2*k*c:(2*k+1)*c], p.sums[(2*k+1)*c:(2*k+2)*c]
		copy(at, x[:c])
		for i, sum := range w.from(at, x, part, vec.Deviations) {
			means[i] = float64(at[i]) + float64(sum)/rows
			at[i] = float32(means[i])
		}
		for i, sum := range w.from(at, x, part, vec.SquareDeviations) {
			off := means[i] - float64(at[i]) // by which the float32 is off the mean
			squares[i] = max(0, float64(sum)-off*off*rows)
		}
	}
	releasePart(room)
}

func (cpu) batchNormGrad(b batchNormGrad) {
	x, dy := b.x, b.dy
	m, s := b.mean.f64(), b.scale.f64()
	dg, db := b.dgamma.f64(), b.dbeta.f64()
	c := len(s)
	clear(dg)
	clear(db)
	w := wideRows(c, x.size)
	if x.dtype == Float32 {
		if b.sums == nil {
			(cpu{}).beginBatchNormGrad(b)
		}
		if b.sums != nil && b.sums.done {
			copy(dg, b.sums.sums.f64())
			copy(db, b.sums.sums.f64()[c:])
		} else {
			w.sums(x.f32(), dg, db, pass{a: dy.f32(), b: x.f32(), c: b.input.rows.f32(), flag: b.relu, f: func(p *pass, lo, hi int) {
				g := vec.NormGradOf(p.c, p.flag)
				g.Sums(p.part, p.part[len(p.part)/2:], p.a[lo:hi], p.b[lo:hi])
			}})
		}
		for k, v := range m { // the kernel's mean is a float32
			dg[k] -= (v - float64(float32(v))) * db[k]
		}
	} else {
		for i, d := range dy.f64() {
			d = b.passed(i, d)
			dg[i%c] += d * (x.f64()[i] - m[i%c])
			db[i%c] += d
		}
	}
	for k := range dg {
		dg[k] *= s[k]
	}
	b.backward(w)
}

func (cpu) beginBatchNormGrad(b batchNormGrad) {
	w := wideRows(b.gamma.size, b.x.size)
	*b.input = normInput{x: b.x, rows: result(Float32, shapeOf(5, w.n)), relu: b.relu}
	g := b.input.kernel()
	w.normalizer(g.Mean, g.Scale, g.Shift, b.gamma, b.beta, b.mean.f64(), b.scale.f64())
}

// before are the sums for a convolution.
func (n *normSums) before() (sums conv.NormSums) {
	if n != nil {
		sums = conv.NormSums{NormGrad: n.input.kernel(), X: n.input.x.f32(), Sums: n.sums.f64()}
	}
	return sums
}

// end notes whether the convolution took them.
func (n *normSums) end(done bool) {
	if n != nil {
		n.done = done
	}
}

// kernel is what carries gradients back.
func (n *normInput) kernel() vec.NormGrad { return vec.NormGradOf(n.rows.f32(), n.relu) }

// behind is that norm for a convolution.
func (n *normInput) behind() conv.Norm {
	if n == nil {
		return conv.Norm{}
	}
	return conv.Norm{NormGrad: n.kernel(), X: n.x.f32()}
}

func (cpu) batchNormInput(n *normInput, dy, dx *Tensor) {
	rows := n.rows.f32()
	w := wide{n: len(rows) / 5}
	w.share(dx.f32(), pass{dst: dx.f32(), a: dy.f32(), b: n.x.f32(), c: rows, flag: n.relu, f: func(p *pass, lo, hi int) {
		g := vec.NormGradOf(p.c, p.flag)
		g.Rows(p.dst[lo:hi], p.a[lo:hi], p.b[lo:hi])
	}})
}

// passed is the gradient of element i that the ReLU behind a float64 norm lets through, of dy.
func (b *batchNormGrad) passed(i int, dy float64) float64 {
	k := i % b.gamma.size
	if b.relu && !(b.gamma.f64()[k]*(b.x.f64()[i]-b.mean.f64()[k])*b.scale.f64()[k]+b.beta.f64()[k] > 0) {
		return 0
	}
	return dy
}

// backward works out dx = dy*f + (x-mean)*b + k, and writes that of float64: mean and deviation depend on x in training
// only.
func (r *batchNormGrad) backward(w wide) {
	x, dy := r.x, r.dy
	m, s := r.mean.f64(), r.scale.f64()
	c := len(s)
	n := float64(max(1, x.Size()/max(1, c)))
	var g vec.NormGrad
	if x.dtype == Float32 {
		g = r.input.kernel()
	}
	for i := range c {
		f := get(r.gamma, i) * s[i]
		var b, k float64
		if r.training {
			b = -f * s[i] * r.dgamma.f64()[i] / n
			k = -f * r.dbeta.f64()[i] / n
		}
		if x.dtype == Float32 {
			g.X[i], g.Add[i] = float32(b), float32(k-(m[i]-float64(float32(m[i])))*b)
		} else if r.dx != nil {
			for j := i; j < r.dx.size; j += c {
				r.dx.f64()[j] = (x.f64()[j]-m[i])*b + k + r.passed(j, dy.f64()[j])*f
			}
		}
	}
	if x.dtype == Float32 {
		w.repeat(g.X, g.Add)
	}
}

func (cpu) layerNorm(l layerNorm) {
	c := l.gamma.size
	rows := l.x.size / max(1, c)
	if l.x.dtype == Float32 {
		share(rows, rowGrain(c), pass{f: layerNormPass, dst: l.y.f32(), a: l.x.f32(), b: l.gamma.f32(), c: l.beta.f32(), part: l.moments.f32(),
			n: c, s: params{l.eps}})
		return
	}
	gamma, beta, moments := l.gamma.f64(), l.beta.f64(), l.moments.f64()
	for r := range rows {
		y, x := l.y.f64()[r*c:(r+1)*c], l.x.f64()[r*c:(r+1)*c]
		mean, variance := 0.0, 0.0
		for _, v := range x {
			mean += v / float64(c)
		}
		for _, v := range x {
			variance += (v - mean) * (v - mean) / float64(c)
		}
		scale := 1 / math.Sqrt(variance+l.eps)
		for i, v := range x {
			y[i] = (v-mean)*scale*gamma[i] + beta[i]
		}
		moments[2*r], moments[2*r+1] = mean, scale
	}
}

func layerNormPass(p *pass, lo, hi int) {
	vec.LayerNormRows(p.dst[lo*p.n:hi*p.n], p.a[lo*p.n:hi*p.n], p.b, p.c, p.part[2*lo:2*hi], p.s[0])
}

func (cpu) layerNormGrad(l layerNormGrad) {
	c := l.gamma.size
	if c == 0 {
		return
	}
	rows := l.x.size / c
	if l.x.dtype == Float64 {
		l.doubles(rows)
		return
	}
	p := pass{f: layerNormGradPass, dst: l.dx.values(), flag: l.add, a: l.dy.f32(), b: l.x.f32(), c: l.gamma.f32(), d: l.moments.f32(), n: c, m: chunkRows(c)}
	chunks := (rows + p.m - 1) / p.m
	p.part = result(Float32, shapeOf(chunks, 2, c)).f32()
	share(chunks, 1, p)
	sums := result(Float32, shapeOf(2, c)).f32()
	clear(sums)
	vec.SumRows(sums, p.part)
	copy(l.dgamma.values(), sums)
	copy(l.dbeta.values(), sums[c:])
}

// layerNormGradPass does chunks of rows, each with its own sums of the
// gradients of gamma and beta.
func layerNormGradPass(p *pass, lo, hi int) {
	n := p.n
	for k := lo; k < hi; k++ {
		sums := p.part[2*k*n : 2*(k+1)*n]
		clear(sums)
		lo, hi := k*p.m, min((k+1)*p.m, len(p.d)/2)
		var dx []float32
		if p.dst != nil {
			dx = p.dst[lo*n : hi*n]
		}
		vec.LayerNormGradRows(dx, sums[:n], sums[n:], p.a[lo*n:hi*n], p.b[lo*n:hi*n], p.c, p.d[2*lo:2*hi], p.flag)
	}
}

// doubles computes the gradients of float64 rows.
func (l *layerNormGrad) doubles(rows int) {
	c := l.gamma.size
	x, gamma, moments, dy := l.x.f64(), l.gamma.f64(), l.moments.f64(), l.dy.f64()
	for _, t := range [2]*Tensor{l.dgamma, l.dbeta} {
		if t != nil {
			t.clear()
		}
	}
	for row := range rows {
		mean, scale := moments[2*row], moments[2*row+1]
		s, t := 0.0, 0.0
		for i := range c {
			d, norm := dy[row*c+i], (x[row*c+i]-mean)*scale
			if l.dgamma != nil {
				l.dgamma.f64()[i] += d * norm
			}
			if l.dbeta != nil {
				l.dbeta.f64()[i] += d
			}
			s += d * gamma[i] / float64(c)
			t += d * gamma[i] * norm / float64(c)
		}
		if l.dx == nil {
			continue
		}
		for i, d := range dy[row*c : (row+1)*c] {
			norm := (x[row*c+i] - mean) * scale
			dx := scale * (d*gamma[i] - s - norm*t)
			if l.add {
				dx += l.dx.f64()[row*c+i]
			}
			l.dx.f64()[row*c+i] = dx
		}
	}
}
