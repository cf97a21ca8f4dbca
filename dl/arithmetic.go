package dl

import "math"

var (
	powRule2 = pairRule{op: "Pow", f: math.Pow,
		da: func(a, b float64) float64 {
			if b == 0 {
				return 0 // also at a = 0
			}
			return b * math.Pow(a, b-1)
		},
		db: func(a, b float64) float64 {
			if a == 0 && b >= 0 {
				return 0 // not 0 times minus infinity
			}
			return math.Pow(a, b) * math.Log(a)
		},
		whole: wholePower}
	atan2Rule = pairRule{op: "Atan2", f: math.Atan2,
		da: func(a, b float64) float64 { return b / (a*a + b*b) },
		db: func(a, b float64) float64 { return -a / (a*a + b*b) }}
	hypotRule = pairRule{op: "Hypot", f: math.Hypot,
		da: func(a, b float64) float64 { return a / math.Hypot(a, b) },
		db: func(a, b float64) float64 { return b / math.Hypot(a, b) }}
	// The quotients are constant, piece by piece.
	fmodRule = pairRule{op: "Fmod", f: math.Mod, whole: func(a, b int64) int64 { return a % b },
		da: func(_, _ float64) float64 { return 1 }, db: func(a, b float64) float64 { return -math.Trunc(a / b) }}
	remainderRule = pairRule{op: "Remainder", f: remainder, whole: func(a, b int64) int64 { return a - b*floorQuotient(a, b) },
		da: func(_, _ float64) float64 { return 1 }, db: func(a, b float64) float64 { return -floorDivide(a, b) }}
	floorDivRule = pairRule{op: "FloorDiv", f: floorDivide, whole: floorQuotient,
		da: func(_, _ float64) float64 { return 0 }, db: func(_, _ float64) float64 { return 0 }}
	logAddExpRule = pairRule{op: "LogAddExp", f: logAddExp,
		da: func(a, b float64) float64 { return sigmoid(a - b) }, db: func(a, b float64) float64 { return sigmoid(b - a) }}
)

func init() {
	powRule2.again = func(dy, a, b, _ *Tensor) (da, db *Tensor) {
		none, one := New(a.dtype), New(a.dtype)
		one.fill(1)
		base := a.Detach().Eq(none)
		da = Where(b.Detach().Eq(none), none, dy.Mul(b).Mul(Pow(a, b.AddScalar(-1))))
		// The logarithm of what is not 0; there it is not asked for.
		db = Where(base, none, dy.Mul(Pow(a, b)).Mul(Where(base, one, a).Log()))
		return da, db
	}
	atan2Rule.again = func(dy, a, b, _ *Tensor) (da, db *Tensor) {
		r := a.Square().Add(b.Square())
		return dy.Mul(b).Div(r), dy.Mul(a).Div(r).Neg()
	}
	hypotRule.again = func(dy, a, b, y *Tensor) (da, db *Tensor) { return dy.Mul(a).Div(y), dy.Mul(b).Div(y) }
	logAddExpRule.again = func(dy, a, b, _ *Tensor) (da, db *Tensor) {
		return dy.Mul(a.Sub(b).Sigmoid()), dy.Mul(b.Sub(a).Sigmoid())
	}
}

func remainder(a, b float64) float64 {
	r := math.Mod(a, b)
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}

// floorDivide is the whole number q of a = q*b + remainder(a, b), as Python has it: 1 is 9 times 0.1 and a rest, for 0.1 is
// a little more than a tenth, though 1/0.1 rounds to 10.
func floorDivide(a, b float64) float64 {
	if b == 0 {
		return a / b
	}
	rest := math.Mod(a, b)
	q := (a - rest) / b
	if rest != 0 && (rest < 0) != (b < 0) {
		q--
	}
	if q == 0 {
		return math.Copysign(0, a/b)
	}
	return math.Round(q)
}

func floorQuotient(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// wholePower is a^b, wrapping around; for a negative b that of a fraction is 0.
func wholePower(a, b int64) int64 {
	if b < 0 {
		switch a {
		case 1:
			return 1
		case -1:
			return 1 - 2*(b&1)
		}
		return 0
	}
	y := int64(1)
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			y *= a
		}
		a *= a
	}
	return y
}

func logAddExp(a, b float64) float64 {
	if math.IsInf(a, 0) && a == b {
		return a
	}
	return max(a, b) + math.Log1p(math.Exp(-math.Abs(a-b)))
}

// Pow returns x^y, element by element. x.Pow(p) has one exponent for all.
// Integers give integers; that of a negative exponent is a fraction cut off.
func Pow(x, y *Tensor) *Tensor { return x.binary(&powRule2, y) }

// Atan2 returns the angle of the points (u, t), in -Pi..Pi: t is their y.
func (t *Tensor) Atan2(u *Tensor) *Tensor { return t.binary(&atan2Rule, u) }

// Hypot returns the square root of t*t + u*u, without overflow on the way.
func (t *Tensor) Hypot(u *Tensor) *Tensor { return t.binary(&hypotRule, u) }

// Fmod returns the rest of t / u with the sign of t, as C's fmod and Go's %.
func (t *Tensor) Fmod(u *Tensor) *Tensor { return t.divided(&fmodRule, u) }

// Remainder returns the rest of t / u with the sign of u, as Python's %.
func (t *Tensor) Remainder(u *Tensor) *Tensor { return t.divided(&remainderRule, u) }

// FloorDiv returns t / u, rounded down, as Python's //, so that t is u times that and [Tensor.Remainder] more: also where
// the quotient of floats rounds up to a whole number, as that of 1 and 0.1. No gradient flows.
func (t *Tensor) FloorDiv(u *Tensor) *Tensor { return t.divided(&floorDivRule, u) }

// divided is binary for a division: there is none of integers by 0.
func (t *Tensor) divided(r *pairRule, u *Tensor) *Tensor {
	checkAll(t, u)
	if !Promote(t.dtype, u.dtype).IsFloat() && u.Size() > 0 && u.Eq(New(u.dtype)).Max().At() != 0 {
		PanicValue(r.op, "an integer is divided by 0; use To(dl.Float32) for Inf and NaN")
	}
	return t.binary(r, u)
}

// LogAddExp returns log(e^t + e^u), without overflow.
func (t *Tensor) LogAddExp(u *Tensor) *Tensor { return t.binary(&logAddExpRule, u) }

// Lerp returns t + weight*(u - t), on the line from t to u: with a weight of 1 exactly u.
func (t *Tensor) Lerp(u *Tensor, weight float64) *Tensor {
	way := u.Sub(t)
	if weight < 0.5 {
		return t.Add(way.MulScalar(weight))
	}
	return u.Sub(way.MulScalar(1 - weight)) // t + way may lose the digits of u, where t is much larger
}
