package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

// lossChunk is how many elements are added up together before the sums are.
const lossChunk = 1 << 14

func total(sums []float64) (t float64) {
	for _, v := range sums {
		t += v
	}
	return t
}

func (cpu) pointwise(l loss) {
	n := l.x.size
	chunks := (n + lossChunk - 1) / lossChunk
	sums := result(Float64, shapeOf(chunks)).f64()
	share(chunks, 1, pass{f: pointwisePass, t: [3]*Tensor{l.grad, l.x, l.target}, n: n, sums: sums, pair: l.rule,
		flag: l.x.dtype == Float32 && l.target.dtype == Float32 && (l.rule == &mseRule || l.rule == &bceLogitsRule)})
	put(l.y, 0, total(sums)/float64(max(1, n)))
}

// pointwisePass does chunks, with a kernel if flag is set.
func pointwisePass(p *pass, lo, hi int) {
	grad, x, target := p.t[0], p.t[1], p.t[2]
	for k := lo; k < hi; k++ {
		if i, j := k*lossChunk, min((k+1)*lossChunk, p.n); p.flag {
			if p.pair == &mseRule {
				p.sums[k] = vec.SquareError(grad.f32()[i:j], x.f32()[i:j], target.f32()[i:j], float32(2/float64(p.n)))
			} else {
				p.sums[k] = vec.LogitsError(grad.f32()[i:j], x.f32()[i:j], target.f32()[i:j], float32(1/float64(p.n)))
			}
			continue
		}
		sum := 0.0
		for i := k * lossChunk; i < min((k+1)*lossChunk, p.n); i++ {
			a, b := get(x, i), get(target, i)
			sum += p.pair.f(a, b)
			put(grad, i, p.pair.da(a, b)/float64(p.n))
		}
		p.sums[k] = sum
	}
}

func (cpu) sparseCrossEntropy(l loss) {
	if l.x.dtype == Float64 {
		l.softmaxDoubles(true)
		return
	}
	rows, classes := l.target.size, l.x.shape[len(l.x.shape)-1]
	sums := result(Float64, shapeOf(rows)).f64()
	share(rows, rowGrain(8*classes), pass{f: crossEntropyPass, dst: l.grad.f32(), a: l.x.f32(), sums: sums, n: classes,
		t: [3]*Tensor{l.target}, s: params{1 / float64(max(1, rows))}})
	put(l.y, 0, total(sums)/float64(max(1, rows)))
}

func crossEntropyPass(p *pass, lo, hi int) {
	for i, n := lo, p.n; i < hi; i++ {
		p.sums[i] = vec.CrossEntropy(p.dst[i*n:(i+1)*n], p.a[i*n:(i+1)*n], int(get(p.t[0], i)), float32(p.s[0]))
	}
}

func (cpu) crossEntropy(l loss) { l.softmaxDoubles(false) }

// softmaxDoubles computes a cross-entropy with softmax fused into it, in
// float64. Targets are labels, or the probability of each class.
func (l loss) softmaxDoubles(labels bool) {
	x, grad := l.x, l.grad
	classes := x.shape[len(x.shape)-1]
	rows := x.size / max(1, classes)
	total, n := 0.0, float64(max(1, rows))
	for r := range rows {
		at := r * classes
		of := func(k int) float64 { return get(l.target, at+k) }
		if labels {
			label := int(get(l.target, r))
			of = func(k int) float64 {
				if k == label {
					return 1
				}
				return 0
			}
		}
		m := math.Inf(-1)
		for k := range classes {
			m = math.Max(m, get(x, at+k))
		}
		sum := 0.0
		for k := range classes {
			sum += math.Exp(get(x, at+k) - m)
		}
		logSum, mass := m+math.Log(sum), 0.0
		for k := range classes {
			t := of(k)
			mass += t
			if t != 0 {
				total += t * (logSum - get(x, at+k))
			}
		}
		for k := range classes {
			put(grad, at+k, (mass*math.Exp(get(x, at+k)-logSum)-of(k))/n)
		}
	}
	put(l.y, 0, total/n)
}
