package vec

import "math"

// SGD updates the weights p from the gradient d: with momentum > 0 the
// velocity v = momentum*v + d takes the gradient's place (PyTorch's form;
// dampening 0), with nesterov d + momentum*v does. v may be nil without momentum.
func SGD(p, d, v []float32, lr, momentum, weightDecay float64, nesterov bool) {
	l, mu, wd := float32(lr), float32(momentum), float32(weightDecay)
	k := kMomentum
	switch {
	case momentum == 0:
		k, v = kSgd, p
	case nesterov:
		k = kNesterov
	}
	if len(p) == 0 {
		return
	}
	a := args{p: [8]*float32{&p[0], &d[:len(p)][0], &v[:len(p)][0]}, s: [8]float32{l, wd, mu}}
	if a.run(k, len(p)) {
		return
	}
	for i := range p {
		g := d[i] + wd*p[i]
		if momentum != 0 {
			v[i] = mu*v[i] + g
			if nesterov {
				g += mu * v[i]
			} else {
				g = v[i]
			}
		}
		p[i] -= l * g
	}
}

// AdamArgs are the constants of a step of Adam (Kingma and Ba, 2015,
// algorithm 1) or AdamW (Loshchilov and Hutter, 2019).
type AdamArgs struct {
	LearningRate, Beta1, Beta2, Epsilon float64
	WeightDecay                         float64 // AdamW: decoupled
	Step                                int     // from 1
}

// AdamTerms are the constants of the kernels: powers that would take as long as the step of some hundred weights.
type AdamTerms [8]float32

// Adam updates the weights p and the moments m and v from the gradient d, with the Terms of a step:
// m = b1 m + (1-b1) d, v = b2 v + (1-b2) d*d,
// p = p - lr*decay*p - lr m/(1-b1^t) / (sqrt(v/(1-b2^t)) + eps).
func Adam(p, d, m, v []float32, k AdamTerms) {
	n := len(p)
	if n == 0 {
		return
	}
	g := args{p: [8]*float32{&p[0], &d[:n][0], &m[:n][0], &v[:n][0]}, s: k}
	if g.run(kAdam, n) {
		return
	}
	for i := range p {
		g := d[i]
		m[i] = k[0]*m[i] + k[1]*g
		v[i] = k[2]*v[i] + k[3]*(g*g)
		p[i] = k[6]*p[i] - k[4]*m[i]/(float32(math.Sqrt(float64(v[i])))*k[7]+k[5])
	}
}

// Terms are what Adam needs of the arguments.
func (a *AdamArgs) Terms() AdamTerms {
	return AdamTerms{
		float32(a.Beta1), float32(1 - a.Beta1), float32(a.Beta2), float32(1 - a.Beta2),
		float32(a.LearningRate / (1 - math.Pow(a.Beta1, float64(a.Step)))), float32(a.Epsilon),
		float32(1 - a.LearningRate*a.WeightDecay),
		float32(1 / math.Sqrt(1-math.Pow(a.Beta2, float64(a.Step)))),
	}
}
