package vec

import "math"

// SGD updates the weights p from the gradient d: with momentum > 0 the
// velocity v = momentum*v + d takes the gradient's place (PyTorch's form;
// dampening 0), with nesterov d + momentum*v does. v may be nil without momentum.
func SGD(p, d, v []float32, lr, momentum, weightDecay float64, nesterov bool) {
	if momentum == 0 && weightDecay == 0 {
		Axpy(float32(-lr), d, p)
		return
	}
	l, mu, wd := float32(lr), float32(momentum), float32(weightDecay)
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

// RMSprop updates the weights p from the gradient d and the running mean s of
// its square: s = rho*s + (1-rho)*d*d, p = p - lr*d/(sqrt(s)+eps).
func RMSprop(p, d, s []float32, lr, rho, eps float64) {
	l, r, e := float32(lr), float32(rho), float32(eps)
	for i, g := range d {
		s[i] = r*s[i] + (1-r)*g*g
		p[i] -= l * g / (float32(math.Sqrt(float64(s[i]))) + e)
	}
}
