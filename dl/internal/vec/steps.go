package vec

import (
	"math"
	"unsafe"
)

// Float is what weights are made of. Steps in float64 are always the Go loops, which are the oracles of the kernels.
type Float interface{ float32 | float64 }

// Update has the constants of a step of an optimizer, those that it uses.
type Update struct {
	Rate         float64
	L2           float64 // of the weights: added to the gradient d
	Keep         float64 // what the weights are multiplied by
	Beta1, Beta2 float64 // what the means of the gradient and of its square are multiplied by
	Epsilon      float64
	Momentum     float64
	Root         float64 // what the root of the mean of squares is multiplied by
	Ahead        float64 // of NAdam: the share of the mean beside the gradient
}

// step calls a kernel for weights, gradient and slots, and reports whether there is nothing left to do.
func step[T Float](k kernel, c [8]float32, p, d, s0, s1, s2 []T) bool {
	if len(p) == 0 {
		return true
	}
	a := args{s: c}
	return operands(&a, p, d, s0, s1, s2) && a.run(k, len(p))
}

// operands makes p, and as much of d and the slots, which may be nil, the operands of a kernel. It reports whether they
// are float32.
func operands[T Float](a *args, p, d, s0, s1, s2 []T) bool {
	if unsafe.Sizeof(p[0]) != 4 {
		return false
	}
	for i, x := range [...][]T{p, d, s0, s1, s2} {
		if x != nil {
			a.p[i] = (*float32)(unsafe.Pointer(&x[:len(p)][0]))
		}
	}
	return true
}

func root[T Float](v T) T { return T(math.Sqrt(float64(v))) }

func absolute[T Float](v T) T { return T(math.Abs(float64(v))) }

// RMSprop is a step with the running mean s of the gradient's square: s = Beta2*s + (1-Beta2)*d*d, p = p -
// Rate*d/(sqrt(s)+Epsilon). With Momentum the step is v = Momentum*v + d/(sqrt(s)+Epsilon). With the running mean m of
// the gradient, s - m*m takes the place of s. v and m may be nil.
func RMSprop[T Float](p, d, s, v, m []T, u *Update) {
	c := [8]float32{float32(u.Rate), float32(u.L2), float32(u.Keep), float32(u.Beta2), float32(1 - u.Beta2), float32(u.Epsilon), float32(u.Momentum)}
	k := kRmsprop
	switch {
	case m != nil && u.Momentum != 0:
		k = kRmspropCenteredMomentum
	case m != nil:
		k = kRmspropCentered
	case u.Momentum != 0:
		k = kRmspropMomentum
	}
	if step(k, c, p, d, s, v, m) {
		return
	}
	rate, l2, keep, rho, rest, epsilon, momentum := T(u.Rate), T(u.L2), T(u.Keep), T(u.Beta2), T(1-u.Beta2), T(u.Epsilon), T(u.Momentum)
	for i := range p {
		g := d[i] + l2*p[i]
		square := rho*s[i] + rest*(g*g)
		s[i] = square
		if m != nil {
			m[i] = rho*m[i] + rest*g
			square = max(square-m[i]*m[i], 0)
		}
		g /= root(square) + epsilon
		if momentum != 0 {
			g += momentum * v[i]
			v[i] = g
		}
		p[i] = keep*p[i] - rate*g
	}
}

// AMSGrad is Adam with the largest mean of squares so far, in most.
func AMSGrad[T Float](p, d, m, v, most []T, a *AdamArgs) {
	if step(kAmsgrad, a.Terms(), p, d, m, v, most) {
		return
	}
	rate := T(a.LearningRate / (1 - math.Pow(a.Beta1, float64(a.Step))))
	correct := T(1 / math.Sqrt(1-math.Pow(a.Beta2, float64(a.Step))))
	beta1, rest1, beta2, rest2 := T(a.Beta1), T(1-a.Beta1), T(a.Beta2), T(1-a.Beta2)
	keep, epsilon := T(1-a.LearningRate*a.WeightDecay), T(a.Epsilon)
	for i := range p {
		m[i] = beta1*m[i] + rest1*d[i]
		square := beta2*v[i] + rest2*(d[i]*d[i])
		v[i] = square
		if most != nil {
			square = max(square, most[i])
			most[i] = square
		}
		p[i] = keep*p[i] - rate*m[i]/(root(square)*correct+epsilon)
	}
}

// Adamax is a step with the mean m of the gradient and the largest, most: m = Beta1*m + (1-Beta1)*d, most =
// max(Beta2*most, |d|+Epsilon), p = Keep*p - Rate*m/most.
func Adamax[T Float](p, d, m, most []T, u *Update) {
	c := [8]float32{float32(u.Rate), float32(u.L2), float32(u.Keep), float32(u.Beta1), float32(1 - u.Beta1), float32(u.Beta2), float32(u.Epsilon)}
	if step(kAdamax, c, p, d, m, most, nil) {
		return
	}
	rate, l2, keep, beta1, rest1, beta2, epsilon := T(u.Rate), T(u.L2), T(u.Keep), T(u.Beta1), T(1-u.Beta1), T(u.Beta2), T(u.Epsilon)
	most, m = most[:len(p)], m[:len(p)]
	for i := range p {
		g := d[i] + l2*p[i]
		m[i] = beta1*m[i] + rest1*g
		most[i] = max(beta2*most[i], absolute(g)+epsilon)
		p[i] = keep*p[i] - rate*m[i]/most[i]
	}
}

// NAdam is a step with the means m of the gradient and v of its square, p = Keep*p - Rate*(d + Ahead*m)/(sqrt(v) +
// Epsilon).
func NAdam[T Float](p, d, m, v []T, u *Update) {
	c := [8]float32{float32(u.Rate), float32(u.L2), float32(u.Keep), float32(1 - u.Beta1), float32(u.Beta2), float32(1 - u.Beta2), float32(u.Epsilon), float32(u.Ahead)}
	if step(kNadam, c, p, d, m, v, nil) {
		return
	}
	rate, l2, keep, share, beta2, rest2, epsilon, ahead := T(u.Rate), T(u.L2), T(u.Keep), T(1-u.Beta1), T(u.Beta2), T(1-u.Beta2), T(u.Epsilon), T(u.Ahead)
	m, v = m[:len(p)], v[:len(p)]
	for i := range p {
		g := d[i] + l2*p[i]
		m[i] += share * (g - m[i])
		v[i] = beta2*v[i] + rest2*(g*g)
		p[i] = keep*p[i] - rate*(g+ahead*m[i])/(root(v[i])+epsilon)
	}
}

// RAdam is a step with the means m of the gradient and v of its square, p = Keep*p - Rate*m/(Root*sqrt(v) + Epsilon).
func RAdam[T Float](p, d, m, v []T, u *Update) {
	c := [8]float32{float32(u.Rate), float32(u.L2), float32(u.Keep), float32(1 - u.Beta1), float32(u.Beta2), float32(1 - u.Beta2), float32(u.Epsilon), float32(u.Root)}
	if step(kRadam, c, p, d, m, v, nil) {
		return
	}
	rate, l2, keep, share, beta2, rest2, epsilon, times := T(u.Rate), T(u.L2), T(u.Keep), T(1-u.Beta1), T(u.Beta2), T(1-u.Beta2), T(u.Epsilon), T(u.Root)
	m, v = m[:len(p)], v[:len(p)]
	for i := range p {
		g := d[i] + l2*p[i]
		m[i] += share * (g - m[i])
		v[i] = beta2*v[i] + rest2*(g*g)
		p[i] = keep*p[i] - rate*m[i]/(root(v[i])*times+epsilon)
	}
}

// Adagrad is a step with the sum s of the gradient's squares, p = Keep*p - Rate*d/(sqrt(s) + Epsilon).
func Adagrad[T Float](p, d, s []T, u *Update) {
	if step(kAdagrad, [8]float32{float32(u.Rate), float32(u.L2), float32(u.Keep), float32(u.Epsilon)}, p, d, s, nil, nil) {
		return
	}
	rate, l2, keep, epsilon := T(u.Rate), T(u.L2), T(u.Keep), T(u.Epsilon)
	s = s[:len(p)]
	for i := range p {
		g := d[i] + l2*p[i]
		s[i] += g * g
		p[i] = keep*p[i] - rate*g/(root(s[i])+epsilon)
	}
}

// Adadelta is a step with the means s of the gradient's square and v of the step's: d *= sqrt((v+Epsilon)/(s+Epsilon)),
// p = Keep*p - Rate*d.
func Adadelta[T Float](p, d, s, v []T, u *Update) {
	c := [8]float32{float32(u.Rate), float32(u.L2), float32(u.Keep), float32(u.Beta2), float32(1 - u.Beta2), float32(u.Epsilon)}
	if step(kAdadelta, c, p, d, s, v, nil) {
		return
	}
	rate, l2, keep, rho, rest, epsilon := T(u.Rate), T(u.L2), T(u.Keep), T(u.Beta2), T(1-u.Beta2), T(u.Epsilon)
	s, v = s[:len(p)], v[:len(p)]
	for i := range p {
		g := d[i] + l2*p[i]
		s[i] = rho*s[i] + rest*(g*g)
		g *= root((v[i] + epsilon) / (s[i] + epsilon))
		v[i] = rho*v[i] + rest*(g*g)
		p[i] = keep*p[i] - rate*g
	}
}

// Lion is a step in the direction of the signs of Beta1*m + (1-Beta1)*d, after which m = Beta2*m + (1-Beta2)*d.
func Lion[T Float](p, d, m []T, u *Update) {
	c := [8]float32{float32(u.Rate), 0, float32(u.Keep), float32(u.Beta1), float32(1 - u.Beta1), float32(u.Beta2), float32(1 - u.Beta2)}
	if step(kLion, c, p, d, m, nil, nil) {
		return
	}
	rate, keep, beta1, rest1, beta2, rest2 := T(u.Rate), T(u.Keep), T(u.Beta1), T(1-u.Beta1), T(u.Beta2), T(1-u.Beta2)
	m = m[:len(p)]
	for i := range p {
		g := d[i]
		p[i] = keep*p[i] - rate*sign(beta1*m[i]+rest1*g)
		m[i] = beta2*m[i] + rest2*g
	}
}

// sign is 1, -1, or the value itself where it is 0 or NaN. It does not branch by the sign, which processors cannot
// foresee.
func sign[T Float](v T) T {
	if v == 0 || v != v {
		return v
	}
	return T(math.Copysign(1, float64(v)))
}
