package generate

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
)

type recordedSet struct {
	X [][]float64
	Y []float64
}

func recorded(t *testing.T) map[string]recordedSet {
	t.Helper()
	b, err := os.ReadFile("testdata/generate.json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	sets := map[string]recordedSet{}
	for name, r := range raw {
		var s recordedSet
		if name != "scikit-learn" {
			if err := json.Unmarshal(r, &s); err != nil {
				t.Fatal(err)
			}
			sets[name] = s
		}
	}
	return sets
}

func all(t *testing.T, d *data.Tensors) (x [][]float32, y []float64) {
	t.Helper()
	b, err := data.All(d)
	if err != nil {
		t.Fatal(err)
	}
	k := b.X.Dim(1)
	for i := range b.Len() {
		x = append(x, b.X.Float32s()[i*k:(i+1)*k])
		if b.Y.DType() == dl.Int32 {
			y = append(y, float64(b.Y.Int32s()[i]))
		} else {
			y = append(y, float64(b.Y.Float32s()[i]))
		}
	}
	return x, y
}

// Sets without noise have scikit-learn's points, in another order.
func TestPointsAreScikitLearns(t *testing.T) {
	want := recorded(t)
	for name, d := range map[string]*data.Tensors{"moons": Moons(7, 0, dl.NewRand(1)), "circles": Circles(7, 0.8, 0, dl.NewRand(1))} {
		x, y := all(t, d)
		for i, p := range want[name].X {
			found := 0
			for k := range x {
				if y[k] == want[name].Y[i] && math.Abs(float64(x[k][0])-p[0]) < 1e-6 && math.Abs(float64(x[k][1])-p[1]) < 1e-6 {
					found++
				}
			}
			if found != 1 {
				t.Errorf("%s: the point %v of class %v is there %d times", name, p, want[name].Y[i], found)
			}
		}
		if len(x) != len(want[name].X) {
			t.Errorf("%s: %d points", name, len(x))
		}
	}
}

func TestFormulasAreScikitLearns(t *testing.T) {
	want := recorded(t)
	for name, f := range map[string]func(x []float64) float64{"friedman1": friedman1, "friedman2": friedman2, "friedman3": friedman3} {
		for i, x := range want[name].X {
			if got := f(x); math.Abs(got-want[name].Y[i]) > 1e-8*max(1, math.Abs(got)) {
				t.Errorf("%s of %v is %v, want %v", name, x, got, want[name].Y[i])
			}
		}
	}
	for name, f := range map[string]func(t, y float64) []float64{"swiss": roll, "s": curve} {
		for i, x := range want[name].X {
			for j, v := range f(want[name].Y[i], x[1]) {
				if math.Abs(v-x[j]) > 1e-9 {
					t.Errorf("%s: coordinate %d at %v is %v, want %v", name, j, want[name].Y[i], v, x[j])
				}
			}
		}
	}
}

// sets has every generator with a source.
func sets() map[string]func(r *dl.Rand) *data.Tensors {
	return map[string]func(r *dl.Rand) *data.Tensors{
		"Moons":          func(r *dl.Rand) *data.Tensors { return Moons(101, 0.1, r) },
		"Circles":        func(r *dl.Rand) *data.Tensors { return Circles(101, 0.5, 0.1, r) },
		"Spirals":        func(r *dl.Rand) *data.Tensors { return Spirals(101, 3, 1.5, 0.05, r) },
		"Blobs":          func(r *dl.Rand) *data.Tensors { return Blobs(101, 3, 4, 1, r) },
		"Checkerboard":   func(r *dl.Rand) *data.Tensors { return Checkerboard(101, 4, 0.01, r) },
		"Classification": func(r *dl.Rand) *data.Tensors { return Classification(101, r) },
		"Regression": func(r *dl.Rand) *data.Tensors {
			d, _ := Regression(101, 5, 3, 1, r)
			return d
		},
		"Friedman1": func(r *dl.Rand) *data.Tensors { return Friedman1(101, 10, 1, r) },
		"Friedman2": func(r *dl.Rand) *data.Tensors { return Friedman2(101, 1, r) },
		"Friedman3": func(r *dl.Rand) *data.Tensors { return Friedman3(101, 0.1, r) },
		"SwissRoll": func(r *dl.Rand) *data.Tensors { return SwissRoll(101, 0.1, r) },
		"SCurve":    func(r *dl.Rand) *data.Tensors { return SCurve(101, 0.1, r) },
	}
}

func TestTheSeedDecides(t *testing.T) {
	for name, f := range sets() {
		ax, ay := all(t, f(dl.NewRand(1)))
		bx, by := all(t, f(dl.NewRand(1)))
		cx, _ := all(t, f(dl.NewRand(2)))
		if len(ax) != 101 || !slices.EqualFunc(ax, bx, slices.Equal) || !slices.Equal(ay, by) || slices.EqualFunc(ax, cx, slices.Equal) {
			t.Errorf("%s: %d points; the same seed gives others, or another seed the same", name, len(ax))
		}
	}
}

func TestRegressionIsItsSum(t *testing.T) {
	d, coefficients := Regression(50, 4, 2, 0, dl.NewRand(3))
	informative := 0
	for _, c := range coefficients {
		if c != 0 {
			informative++
		}
	}
	x, y := all(t, d)
	for i := range x {
		sum := 0.0
		for j, v := range x[i] {
			sum += float64(v) * coefficients[j]
		}
		if math.Abs(sum-y[i]) > 1e-3 {
			t.Errorf("sample %d is %v, want %v", i, y[i], sum)
		}
	}
	if informative != 2 {
		t.Errorf("%d informative features", informative)
	}
}

func TestClassesAreWhereTheyShouldBe(t *testing.T) {
	x, y := all(t, Checkerboard(500, 3, 0, dl.NewRand(1)))
	for i, p := range x {
		if want := float64((int(p[0]*3) + int(p[1]*3)) % 2); y[i] != want {
			t.Errorf("%v has class %v", p, y[i])
		}
	}
	x, y = all(t, BlobsAt(300, [][]float64{{0, 0}, {100, 0}}, 1, dl.NewRand(1)))
	for i, p := range x {
		if (p[0] > 50) != (y[i] == 1) {
			t.Errorf("%v has class %v", p, y[i])
		}
	}
	_, y = all(t, Classes{Classes: 3, Informative: 4, Weights: []float64{1, 0, 3}}.Classification(1000, dl.NewRand(1)))
	counts := [3]int{}
	for _, c := range y {
		counts[int(c)]++
	}
	if counts[1] != 0 || counts[0] < 200 || counts[0] > 300 {
		t.Errorf("classes with the weights 1, 0, 3 come %v times", counts)
	}
	x, y = all(t, Classes{Features: 3, Informative: 2, Redundant: -1, Separation: 1000, KeepPositions: true}.Classification(200, dl.NewRand(1)))
	for i := range x {
		if math.Abs(math.Abs(float64(x[i][0]))-1000) > 50 || math.Abs(float64(x[i][2])) > 10 {
			t.Errorf("%v of class %v is at no corner", x[i], y[i])
		}
	}
}

func TestMistakes(t *testing.T) {
	r := dl.NewRand(1)
	for name, f := range map[string]func(){
		"no samples": func() { Moons(0, 0, r) }, "noise": func() { Moons(10, -1, r) }, "NaN": func() { Circles(10, 0.5, math.NaN(), r) },
		"factor": func() { Circles(10, 1, 0, r) }, "arms": func() { Spirals(2, 3, 1, 0, r) }, "blobs": func() { Blobs(10, 0, 2, 1, r) },
		"centres": func() { BlobsAt(10, nil, 1, r) }, "ragged": func() { BlobsAt(10, [][]float64{{1}, {1, 2}}, 1, r) }, "board": func() { Checkerboard(10, 0, 0, r) },
		"corners": func() { Classes{Classes: 5}.Classification(10, r) }, "redundant": func() { Classes{Features: 3, Redundant: 3}.Classification(10, r) },
		"weights": func() { Classes{Weights: []float64{1}}.Classification(10, r) }, "informative": func() { Regression(10, 2, 3, 0, r) },
		"friedman": func() { Friedman1(10, 4, 0, r) }, "huge": func() { Blobs(1<<40, 2, 1<<40, 1, r) }, "huge classes": func() { Blobs(10, 1<<60, 2, 1, r) },
	} {
		var value *dl.ValueError
		if err := dl.Try(f); !errors.As(err, &value) || value.Caller == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
