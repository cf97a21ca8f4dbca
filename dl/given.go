package dl

import "math"

// given panics when something that an operation needs is nil: a function, an image, a matrix.
func given(op, what string, there bool) {
	if !there {
		panic(&ValueError{Op: op, Detail: what + " is nil", Caller: caller()})
	}
}

// checkAll refuses tensors that are nil or have ended.
func checkAll(ts ...*Tensor) {
	for _, t := range ts {
		t.check()
	}
}

// mustBeEpsilon refuses what no normalisation can add to a variance.
func mustBeEpsilon(op string, eps float64) {
	if !(eps >= 0) || math.IsInf(eps, 0) {
		PanicValue(op, "epsilon is %v; it is added to a variance, so it must be finite and not negative", eps)
	}
}

// noFinite says whether a setting is no number that can be computed with.
func noFinite(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// check refuses what is no fusion.
func (f Fusion) check(op string) {
	if f > FuseGELU {
		PanicValue(op, "there is no fusion %d: NoFusion, FuseReLU and FuseGELU are known", f)
	}
}
