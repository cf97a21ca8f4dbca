package number

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestMeasured(t *testing.T) {
	for _, c := range []struct {
		value float64
		want  string
	}{
		{0.6931472, "0.6931"}, {0.06123, "0.06123"}, {0.9876, "0.9876"}, {1, "1.000"}, {15.4211, "15.42"},
		{132.81, "132.8"}, {1234.5, "1234"}, {12345.6, "12,346"}, {1116780364.29, "1.117e+09"}, {1.7e-6, "1.7e-06"},
		{1e-5, "1e-05"}, {0.0001294, "0.0001294"}, {-0.25, "-0.2500"}, {0, "0"}, {math.Copysign(0, -1), "0"},
		{math.NaN(), "NaN"}, {math.Inf(1), "Inf"}, {math.Inf(-1), "-Inf"}, {math.MaxFloat64, "1.798e+308"},
		{5e-324, "4.941e-324"},
	} {
		if got := Measured(c.value); got != c.want {
			t.Errorf("Measured(%v) = %q, want %q", c.value, got, c.want)
		}
	}
}

func TestGrouped(t *testing.T) {
	for in, want := range map[string]string{"5": "5", "2015": "2015", "12345": "12,345", "-1234567.25": "-1,234,567.25",
		"100000": "100,000", "1e+300": "1e+300", "": "", "NaN": "NaN", "+Inf": "+Inf", "Infinity": "Infinity"} {
		if got := Grouped(in); got != want {
			t.Errorf("Grouped(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Plural(1, "image", "images") + ", " + Plural(0, "value", "values") + ", " + Plural(12345, "bar", "bars"); got != "1 image, 0 values, 12,345 bars" {
		t.Error(got)
	}
}

func TestColumn(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{[]float64{0.9132, 1, 0.95}, "0.9132 1.0000 0.9500"},
		{[]float64{15.4, 0.0612, math.NaN()}, "15.40000 0.06120 NaN"},
		{[]float64{1e-5, 1e-6}, "1e-05 1e-06"},
		{[]float64{1e30, 0.5}, "1e+30 0.5000"},
		{[]float64{-0.00001, 0.5}, "-1e-05 0.5000"},
	} {
		if got := strings.Join(Column(c.values), " "); got != c.want {
			t.Errorf("Column(%v) = %q, want %q", c.values, got, c.want)
		}
	}
}

func TestBeside(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{[]float64{5, 50, 500, 12345}, "5 50 500 12,345"},
		{[]float64{48000, 12000, 10000}, "48,000 12,000 10,000"},
		{[]float64{0.9999, 0.0001294, 7.619e-14, 0}, "0.9999 0.0001 <0.0001 0.0000"},
		{[]float64{2, -1.5, 0.25, math.NaN()}, "2.000 -1.500 0.250 NaN"},
		{[]float64{1, 0.5}, "1.0000 0.5000"},
		{[]float64{-1e-9, 3.5}, ">-0.001 3.500"},
		{[]float64{math.Inf(1), 2, math.Inf(-1)}, "Inf 2 -Inf"},
		{[]float64{0, 0}, "0 0"},
		{[]float64{1e308, -1e308}, "1e+308 -1e+308"},
		{[]float64{2e-7, 1e-7}, "2e-07 1e-07"},
	} {
		if got := strings.Join(Beside(c.values), " "); got != c.want {
			t.Errorf("Beside(%v) = %q, want %q", c.values, got, c.want)
		}
	}
}

func TestShort(t *testing.T) {
	for n, want := range map[int]string{0: "0", 950: "950", 1000: "1.0k", 1234: "1.2k", 9960: "10k", 123456: "123k", 999600: "1.0M",
		1234567: "1.2M", 5e12: "5.0T", 5e15: "5000T", -1500: "-1.5k"} {
		if got := Short(n); got != want {
			t.Errorf("Short(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{0: "0", 1: "100", 0.5: "50.0", 0.99999: ">99.9", 1e-9: "<0.1", 0.123: "12.3"} {
		if got := Percent(share); got != want {
			t.Errorf("Percent(%v) = %q, want %q", share, got, want)
		}
	}
}

// Whatever the numbers are, different whole numbers stay different, and nothing that is not zero is written as zero.
func FuzzNumbers(f *testing.F) {
	f.Add(1.0, 2.0)
	f.Add(math.MaxFloat64, 5e-324)
	f.Fuzz(func(t *testing.T, a, b float64) {
		values := []float64{a, b}
		for _, texts := range [][]string{Column(values), Beside(values)} {
			for i, s := range texts {
				if values[i] != 0 && strings.Trim(s, "0.-") == "" {
					t.Errorf("%v of %v is written %q", values[i], values, s)
				}
				if len(s) > 24 {
					t.Errorf("%v of %v is written %q", values[i], values, s)
				}
			}
		}
		if Whole(values) && a != b && max(math.Abs(a), math.Abs(b)) < 1e12 && slices.Compact(Beside(values))[0] == Beside(values)[1] {
			t.Errorf("%v are written %q", values, Beside(values))
		}
	})
}
