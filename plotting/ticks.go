package plotting

import (
	"math"
	"strconv"
)

// ticks are round values within [lo, hi], about n of them, with the texts that tell them apart. With whole set they
// are whole numbers.
func ticks(lo, hi float64, n int, whole bool) (values []float64, texts []string) {
	if !(hi > lo) || math.IsInf(hi-lo, 0) {
		return nil, nil
	}
	step := roundStep((hi - lo) / float64(max(n, 1)))
	if whole {
		step = max(math.Ceil(step), 1)
	}
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+step*1e-9; i++ {
		values = append(values, i*step+0) // +0: no negative zero
	}
	return values, number(values, step)
}

// roundStep is the smallest of 1, 2, 2.5 and 5 times a power of ten that is not below x.
func roundStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*power >= x*(1-1e-9) {
			if m == 2.5 && power == 1 {
				continue // 2.5 between whole numbers reads badly
			}
			return m * power
		}
	}
	return 10 * power
}

// number writes ticks with the decimals that their step needs, all alike.
func number(values []float64, step float64) []string {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(v))
	}
	texts := make([]string, len(values))
	for i, v := range values {
		switch {
		case largest >= 1e6 || largest < 1e-4 && largest > 0:
			texts[i] = strconv.FormatFloat(v, 'g', 4, 64)
		default:
			texts[i] = grouped(strconv.FormatFloat(v, 'f', decimals(step), 64))
		}
	}
	return texts
}

// decimals is how many digits after the point a step needs.
func decimals(step float64) int {
	for d := range 12 {
		scaled := step * math.Pow10(d)
		if math.Abs(scaled-math.Round(scaled)) < 1e-6*max(scaled, 1) {
			return d
		}
	}
	return 12
}

// grouped puts a comma between the thousands of a decimal number of more than four digits.
func grouped(s string) string {
	sign, digits, rest := "", s, ""
	if digits != "" && digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i, r := range digits {
		if r == '.' {
			digits, rest = digits[:i], digits[i:]
			break
		}
	}
	if len(digits) <= 4 {
		return s
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits + rest
}
