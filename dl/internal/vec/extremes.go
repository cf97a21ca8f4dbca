package vec

import "math"

// Max returns the largest element: NaN if there is one, -Inf for none.
func Max(x []float32) float32 { return extreme(kMax, x, float32(math.Inf(-1)), true) }

// Min returns the smallest element: NaN if there is one, Inf for none.
func Min(x []float32) float32 { return extreme(kMin, x, float32(math.Inf(1)), false) }

func extreme(k kernel, x []float32, none float32, largest bool) float32 {
	if len(x) == 0 {
		return none
	}
	var a args
	a.p[0] = &x[0]
	a.pad[0] = none
	if a.run(k, len(x)) {
		if a.r[1] != 0 {
			return a.r[1] // NaN
		}
		return a.r[0]
	}
	m := none
	for _, v := range x {
		if largest {
			m = max(m, v)
		} else {
			m = min(m, v)
		}
	}
	return m
}

// IndexOf returns the first place of v, or of a NaN, in x; -1 if there is none.
func IndexOf(x []float32, v float32) int {
	const most = 1 << 12 // elements that are looked at together: a float32 holds their numbers
	other := float32(0)
	if v == other {
		other = 1
	}
	for from := 0; from < len(x); from += most {
		part := x[from:min(from+most, len(x))]
		var a args
		a.p[0], a.p[1] = &part[0], &lanes[0]
		a.s[0] = v
		a.pad[0] = other
		if a.run(kFind, len(part)) {
			if at := float64(a.r[0]); !math.IsInf(at, 1) {
				return from + int(at)
			}
			continue
		}
		for i, w := range part {
			if w == v || w != w {
				return from + i
			}
		}
	}
	return -1
}

// LargestRow puts the elements of x that are larger than those of best, or the first NaN, in their place, and number at
// theirs in where.
func LargestRow(best []float32, where []int32, x []float32, number int) {
	betterRow(kLargestRow, best, where, x, number, true)
}

// SmallestRow does so with smaller ones.
func SmallestRow(best []float32, where []int32, x []float32, number int) {
	betterRow(kSmallestRow, best, where, x, number, false)
}

func betterRow(k kernel, best []float32, where []int32, x []float32, number int, largest bool) {
	n := len(best)
	if n == 0 {
		return
	}
	at := asFloats(where[:n])
	var a args
	a.p[0], a.p[1], a.p[2] = &best[0], &at[0], &x[:n][0]
	a.s[0] = math.Float32frombits(uint32(number))
	if a.run(k, n) {
		return
	}
	for i, v := range x[:n] {
		b := best[i]
		if v != v && b == b || largest && v > b || !largest && v < b {
			best[i], where[i] = v, int32(number)
		}
	}
}
