package vec

// Steps whose length is fitted to the norms of the weights and of the step take two passes: the first one returns the
// sums of squares of both.

// sums calls a kernel for one block after the other, and rest for those that it does not do, and adds up the results.
func sums[T Float](k kernel, a args, p, d, s0, s1 []T, rest func(p, d, s0, s1 []T) (float64, float64)) (first, second float64) {
	for len(p) > 0 {
		n := min(block, len(p))
		if operands(&a, p[:n], d, s0, s1, nil) && a.run(k, n) {
			first, second = first+float64(a.r[0]), second+float64(a.r[1])
		} else {
			x, y := rest(p[:n], d, s0, s1)
			first, second = first+x, second+y
		}
		p, d, s0, s1 = p[n:], d[n:], after(s0, n), after(s1, n)
	}
	return first, second
}

func after[T Float](x []T, n int) []T {
	if x == nil {
		return nil
	}
	return x[n:]
}

// LAMBNorms moves the means m and v, and returns the sums of p*p and of the squares of the step m/(Root*sqrt(v) +
// Epsilon) + L2*p.
func LAMBNorms[T Float](p, d, m, v []T, u *Update) (ofWeights, ofStep float64) {
	a := args{s: [8]float32{0, float32(u.L2), float32(u.Root), float32(u.Epsilon), float32(u.Beta1), float32(1 - u.Beta1), float32(u.Beta2), float32(1 - u.Beta2)},
		pad: [8]float32{3: 1}} // the step behind the end is 0
	return sums(kLambNorms, a, p, d, m, v, func(p, d, m, v []T) (ofWeights, ofStep float64) {
		l2, times, epsilon, beta1, rest1, beta2, rest2 := T(u.L2), T(u.Root), T(u.Epsilon), T(u.Beta1), T(1-u.Beta1), T(u.Beta2), T(1-u.Beta2)
		for i, w := range p {
			m[i] = beta1*m[i] + rest1*d[i]
			v[i] = beta2*v[i] + rest2*(d[i]*d[i])
			step := m[i]/(times*root(v[i])+epsilon) + l2*w
			ofWeights += float64(w) * float64(w)
			ofStep += float64(step) * float64(step)
		}
		return ofWeights, ofStep
	})
}

// LAMB takes the step whose norm LAMBNorms returned, Rate times.
func LAMB[T Float](p, m, v []T, u *Update) {
	if step(kLamb, [8]float32{float32(u.Rate), float32(u.L2), float32(u.Root), float32(u.Epsilon)}, p, nil, m, v, nil) {
		return
	}
	rate, l2, times, epsilon := T(u.Rate), T(u.L2), T(u.Root), T(u.Epsilon)
	for i := range p {
		p[i] -= rate * (m[i]/(times*root(v[i])+epsilon) + l2*p[i])
	}
}

// SquareSums adds the squares of x to total and returns their sum.
func SquareSums[T Float](total, x []T) float64 {
	sum, _ := sums(kSquareSums, args{}, total, x, nil, nil, func(total, x, _, _ []T) (sum, _ float64) {
		for i := range total {
			total[i] += x[i] * x[i]
			sum += float64(x[i]) * float64(x[i])
		}
		return sum, 0
	})
	return sum
}

// Factors are the constants of a step of Adafactor, which is by d/sqrt(max(Scale*v, Least)).
type Factors struct {
	Rate, Keep   float64
	Scale, Least float64
	Share        float64 // of FactorVector
}

// FactorVector moves v by Share of its distance to d*d, and returns the sums of p*p and of the squares of the step, for
// a Scale of 1.
func FactorVector[T Float](p, d, v []T, f *Factors) (ofWeights, ofStep float64) {
	a := args{s: [8]float32{3: float32(f.Share), 4: float32(f.Least)}, pad: [8]float32{2: 1}}
	return sums(kFactorVector, a, p, d, v, nil, func(p, d, v, _ []T) (ofWeights, ofStep float64) {
		share, least := T(f.Share), T(f.Least)
		for i, w := range p {
			square := d[i] * d[i]
			v[i] += share * (square - v[i])
			ofWeights += float64(w) * float64(w)
			ofStep += float64(square / max(v[i], least))
		}
		return ofWeights, ofStep
	})
}

// FactorNorms returns the sums of p*p and of the squares of the step.
func FactorNorms[T Float](p, d, v []T, f *Factors) (ofWeights, ofStep float64) {
	a := args{s: [8]float32{3: float32(f.Scale), 4: float32(f.Least)}, pad: [8]float32{2: 1}}
	return sums(kFactorNorms, a, p, d, v, nil, func(p, d, v, _ []T) (ofWeights, ofStep float64) {
		scale, least := T(f.Scale), T(f.Least)
		for i, w := range p {
			ofWeights += float64(w) * float64(w)
			ofStep += float64(d[i] * d[i] / max(scale*v[i], least))
		}
		return ofWeights, ofStep
	})
}

// FactorStep takes the step, Rate times.
func FactorStep[T Float](p, d, v []T, f *Factors) {
	if step(kFactorStep, [8]float32{float32(f.Rate), 0, float32(f.Keep), float32(f.Scale), float32(f.Least)}, p, d, v, nil, nil) {
		return
	}
	rate, keep, scale, least := T(f.Rate), T(f.Keep), T(f.Scale), T(f.Least)
	for i := range p {
		p[i] = keep*p[i] - rate*d[i]/root(max(scale*v[i], least))
	}
}

// MomentumNorm moves m by 1-momentum of its distance to d, writes u = d + share*(m-d), and returns the sum of u*u.
func MomentumNorm[T Float](u, d, m []T, momentum, share float64) float64 {
	sum, _ := sums(kMomentumNorm, args{s: [8]float32{float32(1 - momentum), float32(share)}}, u, d, m, nil, func(u, d, m, _ []T) (sum, _ float64) {
		rest, part := T(1-momentum), T(share)
		for i := range u {
			m[i] += rest * (d[i] - m[i])
			u[i] = d[i] + part*(m[i]-d[i])
			sum += float64(u[i]) * float64(u[i])
		}
		return sum, 0
	})
	return sum
}

// ScaledStep is p = keep*p - rate*x.
func ScaledStep[T Float](p, x []T, keep, rate float64) {
	if step(kScaledStep, [8]float32{float32(rate), 0, float32(keep)}, p, x, nil, nil, nil) {
		return
	}
	for i := range p {
		p[i] = T(keep)*p[i] - T(rate)*x[i]
	}
}

// Approach moves p by a share of its distance to x.
func Approach[T Float](p, x []T, share float64) {
	if step(kApproach, [8]float32{float32(share)}, p, x, nil, nil, nil) {
		return
	}
	for i := range p {
		p[i] += T(share) * (x[i] - p[i])
	}
}
