// Package number formats numbers for people: measured values with the digits that matter, columns of values with
// the same decimals, counts with commas, amounts of memory, and durations.
//
// Any package may use it; it imports the standard library only.
package number

import (
	"math"
	"strconv"
	"strings"
)

// Measured writes a measured value with four significant digits: "0.6931", "15.42", "12,346", "1.7e-06".
func Measured(v float64) string {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return strings.TrimPrefix(strconv.FormatFloat(v, 'f', -1, 64), "+")
	case v == 0:
		return "0"
	case a >= 1e9 || a < 1e-4:
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	return Fixed(v, decimals(v))
}

// decimals is how many digits after the point show four significant ones.
func decimals(v float64) int {
	return max(3-int(math.Floor(math.Log10(math.Abs(v)))), 0)
}

// Fixed writes a number with so many digits after the point, and commas between the thousands of long ones. What
// rounds to zero has no sign.
func Fixed(v float64, decimals int) string {
	s := Grouped(strconv.FormatFloat(v, 'f', decimals, 64))
	if strings.HasPrefix(s, "-") && strings.Trim(s, "-0.") == "" {
		return s[1:]
	}
	return s
}

// Count writes a whole number with commas: "12,345".
func Count(n int) string { return Grouped(strconv.Itoa(n)) }

// Plural writes a count with what is counted: "1 value", "12,345 values".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Grouped puts commas between the thousands of a decimal number of more than four digits before its point; four digits
// read well without, and years are such numbers.
func Grouped(s string) string {
	sign, digits, rest := "", s, ""
	if digits != "" && digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	if i := strings.IndexAny(digits, ".e"); i >= 0 {
		digits, rest = digits[:i], digits[i:]
	}
	if len(digits) <= 4 || digits[0] < '0' || digits[0] > '9' {
		return s
	}
	return sign + commas(digits) + rest
}

// Commas formats a whole number with commas, also one of four digits: "1,234".
func Commas(n int) string {
	if n < 0 {
		return "-" + commas(strconv.Itoa(n)[1:])
	}
	return commas(strconv.Itoa(n))
}

func commas(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Whole says whether all finite values are whole numbers that a float64 tells apart.
func Whole(values []float64) bool {
	for _, v := range values {
		if !math.IsInf(v, 0) && v == v && (v != math.Trunc(v) || math.Abs(v) > 1<<53) {
			return false
		}
	}
	return true
}

// Column writes measured values that stand below one another: each has its four significant digits, and where that is
// possible all have the same decimals.
func Column(values []float64) []string {
	most, largest := 0, 0.0
	for _, v := range values {
		if a := math.Abs(v); a > 0 && !math.IsInf(a, 0) {
			most, largest = max(most, decimals(v)), max(largest, a)
		}
	}
	alike := most <= 7 && largest < math.Pow10(11-most)
	return texts(values, func(v float64) string {
		if alike {
			return Fixed(v, most)
		}
		return Measured(v)
	})
}

// Beside writes values that are compared with one another: whole numbers as they are, others with the decimals that
// the largest needs for its four digits. What is too small for these is "<0.0001", not 0.
func Beside(values []float64) []string {
	largest := 0.0
	for _, v := range values {
		if a := math.Abs(v); a > largest && !math.IsInf(a, 0) {
			largest = a
		}
	}
	switch {
	case largest == 0:
		return texts(values, Measured)
	case Whole(values) && largest < 1e12:
		return texts(values, func(v float64) string { return Fixed(v, 0) })
	case largest >= 1e9 || largest < 1e-4:
		return texts(values, Measured)
	}
	places := decimals(largest)
	if largest > 0.1 && largest <= 1 {
		places = 4 // shares
	}
	least := math.Pow10(-places)
	return texts(values, func(v float64) string {
		switch s := Fixed(v, places); {
		case v == 0 || strings.Trim(s, "0.") != "":
			return s
		case v > 0:
			return "<" + Fixed(least, places)
		}
		return ">" + Fixed(-least, places)
	})
}

// texts writes each value; what is not a finite number has one way to be written.
func texts(values []float64, write func(float64) string) []string {
	list := make([]string, len(values))
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			list[i] = Measured(v)
		} else {
			list[i] = write(v)
		}
	}
	return list
}

// Percent writes a share in percent with one decimal; 100 and 0 only when they are exact.
func Percent(share float64) string {
	p := math.Round(share*1000) / 10
	switch {
	case share == 1:
		return "100"
	case share == 0:
		return "0"
	case p >= 100 && share < 1:
		return ">99.9"
	case p <= 0 && share > 0:
		return "<0.1"
	}
	return strconv.FormatFloat(p, 'f', 1, 64)
}

// Short writes a count in few characters: "950", "1.2k", "123k", "1.2M".
func Short(n int) string {
	v := float64(n)
	for _, unit := range []string{"", "k", "M", "G", "T"} {
		switch a := math.Abs(v); {
		case unit == "" && a < 1000:
			return strconv.Itoa(n)
		case unit != "" && a < 9.95:
			return strconv.FormatFloat(v, 'f', 1, 64) + unit
		case a < 999.5 || unit == "T":
			return strconv.FormatFloat(v, 'f', 0, 64) + unit
		}
		v /= 1000
	}
	return strconv.Itoa(n)
}
