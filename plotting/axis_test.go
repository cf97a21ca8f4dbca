package plotting

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		name   string
		lo, hi float64
		n      int
		log    bool
		whole  bool
		texts  string
		offset string
	}{
		{name: "a stuck loss", lo: 0.6931471, hi: 0.6931473, n: 5, texts: "+1.0e−7 +1.5e−7 +2.0e−7 +2.5e−7 +3.0e−7", offset: "0.693147"},
		{name: "millions", lo: 1_000_000, hi: 1_002_000, n: 5, whole: true, texts: "1,000,000 1,000,500 1,001,000 1,001,500 1,002,000"},
		{name: "times", lo: 1.7e9, hi: 1.7e9 + 480, n: 5, whole: true, texts: "+0 +100 +200 +300 +400", offset: "1,700,000,000"},
		{name: "a rate", lo: 1e-5, hi: 1.0009e-5, n: 5, texts: "1.0000e−5 1.0002e−5 1.0004e−5 1.0006e−5 1.0008e−5"},
		{name: "counts", lo: 0, hi: 1e6, n: 5, whole: true, texts: "0 200,000 400,000 600,000 800,000 1,000,000"},
		{name: "years", lo: 2015, hi: 2018, n: 9, whole: true, texts: "2015 2016 2017 2018"},
		{name: "billions", lo: 0, hi: 5e9, n: 5, texts: "0 1e9 2e9 3e9 4e9 5e9"},
		{name: "negative", lo: -1, hi: 1, n: 4, texts: "−1.0 −0.5 0.0 0.5 1.0"},
		{name: "small", lo: 0, hi: 3e-5, n: 3, texts: "0 1e−5 2e−5 3e−5"},
		{name: "four at least", lo: 0.2, hi: 5.9, n: 4, texts: "1 2 3 4 5"},
		{name: "decades", lo: 1e-6, hi: 20, n: 5, log: true, texts: "1e−6 0.0001 0.01 1"},
		{name: "within a decade", lo: 0.15, hi: 3, n: 5, log: true, texts: "0.2 0.5 1 2"},
		{name: "within a factor of two", lo: 1.1, hi: 1.9, n: 4, log: true, texts: "1.2 1.4 1.6 1.8"},
	} {
		got := axis{lo: c.lo, hi: c.hi, log: c.log, whole: c.whole}.ticks(c.n)
		if texts := strings.Join(got.texts, " "); texts != c.texts && c.texts != "" || got.offset != c.offset {
			t.Errorf("%s: %q from %q, want %q from %q", c.name, texts, got.offset, c.texts, c.offset)
		}
	}
}

// hostile are numbers at which arithmetic breaks.
var hostile = []float64{0, 1, -1, 0.5, 1e-5, 5e-324, -5e-324, 1e-300, 1e-310, 1 << 53, 1<<53 + 2, math.Nextafter(1, 2), 1e9,
	1e15, 1e16, 1e30, 1e150, 1e300, 1e308, -1e308, math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN()}

// Whatever the ends, ticks are few, lie on the axis, differ from one another and are written differently.
func TestTicksOfAnyRange(t *testing.T) {
	start := time.Now()
	for _, lo := range hostile {
		for _, hi := range hostile {
			checkAxes(t, lo, hi)
		}
	}
	if spent := time.Since(start); spent > 5*time.Second {
		t.Errorf("took %v", spent)
	}
}

func FuzzTicks(f *testing.F) {
	f.Add(2.4e-166, 1e308)
	f.Add(1e-300, 1e308)
	f.Fuzz(func(t *testing.T, lo, hi float64) { checkAxes(t, lo, hi) })
}

func checkAxes(t *testing.T, lo, hi float64) {
	if !finite(lo) || !finite(hi) || lo > hi {
		return
	}
	for _, kind := range []struct{ log, whole, fromZero bool }{{}, {log: true}, {whole: true}, {fromZero: true}} {
		a := newAxis(lo, hi, 300, 8, kind.log, kind.whole, kind.fromZero)
		got := a.ticks(6)
		if len(got.values) > 30 || len(got.values) != len(got.texts) {
			t.Fatalf("%v to %v %v: %d ticks, %d texts", lo, hi, kind, len(got.values), len(got.texts))
		}
		for i, v := range got.values {
			if s := a.share(v); !(s >= -0.01 && s <= 1.01) {
				t.Errorf("%v to %v %v: tick %v at %v", lo, hi, kind, v, s)
			}
			if i > 0 && !(v > got.values[i-1]) {
				t.Errorf("%v to %v %v: tick %v after %v", lo, hi, kind, v, got.values[i-1])
			}
			if len(got.texts[i]) > 26 {
				t.Errorf("%v to %v %v: long tick %q", lo, hi, kind, got.texts[i])
			}
		}
		sorted := slices.Sorted(slices.Values(got.texts))
		if n := len(slices.Compact(sorted)); n != len(got.texts) {
			t.Errorf("%v to %v %v: the ticks %v are written %q", lo, hi, kind, got.values, got.texts)
		}
		for _, v := range []float64{lo, hi, lo/2 + hi/2} {
			if s := a.share(v); holds(a.log, v) && !(s >= -1e-6 && s <= 1+1e-6) {
				t.Errorf("%v to %v %v: %v lies at %v", lo, hi, kind, v, s)
			}
		}
	}
}
