package optim

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"modelbook/dl"
)

// scheduled are the schedules of testdata/schedules.json, each under its type's name.
var scheduled = map[string]Schedule{
	"Step":                     Step{Every: 7, Gamma: 0.5},
	"MultiStep":                MultiStep{At: []int{3, 4, 20}, Gamma: 0.3},
	"Exponential":              Exponential{Every: 1, Gamma: 0.9},
	"Cosine":                   Cosine{Steps: 30, Floor: 0.1},
	"Polynomial":               Polynomial{Steps: 25, Power: 2},
	"Polynomial cycle":         Polynomial{Steps: 7, Power: 2, Floor: 0.1, Cycle: true},
	"InverseTime":              InverseTime{Every: 4, Rate: 0.5},
	"InverseTime staircase":    InverseTime{Every: 4, Rate: 0.5, Staircase: true},
	"InverseRoot":              InverseRoot{WarmUp: 10},
	"Piecewise":                Piecewise{Until: []int{5, 10}, Factors: []float64{1, 0.5, 0.1}},
	"Linear":                   Linear{From: 0.25, To: 0.75, Steps: 10},
	"Constant":                 Constant{By: 0.25, Steps: 10},
	"CosineRestarts":           CosineRestarts{First: 6, Floor: 0.1},
	"CosineRestarts longer":    CosineRestarts{First: 5, Longer: 2},
	"CosineRestarts shrinking": CosineRestarts{First: 5, Longer: 2, Shrink: 0.8, Floor: 0.1},
	"OneCycle":                 OneCycle{Steps: 41},
	"OneCycle linear":          OneCycle{Steps: 41, Rise: 0.4, Linear: true, Div: 10, FinalDiv: 100},
	"OneCycle three phases":    OneCycle{Steps: 41, ThreePhase: true},
	"Cyclic":                   Cyclic{Up: 4, Down: 6, Floor: 0.2},
	"Cyclic halving":           Cyclic{Up: 5, Floor: 0.2, Halve: true},
	"Cyclic gamma":             Cyclic{Up: 4, Floor: 0.2, Gamma: 0.95},
	"WarmUp":                   WarmUp{Steps: 10, Then: Cosine{Steps: 40}},
	"Sequence":                 Sequence{[]Schedule{Constant{By: 0.5}, Exponential{1, 0.9}, Step{Every: 4, Gamma: 0.5}}, []int{8, 20}},
	"Chained":                  Chained{Constant{By: 0.5, Steps: 6}, Exponential{1, 0.9}},
	"ByEpoch":                  ByEpoch{StepsPerEpoch: 5, Of: Step{Every: 2, Gamma: 0.5}},
	"Func":                     Func(func(step int) float64 { return 1 / float64(step+1) }),
}

func recordedSchedules(t *testing.T) map[string][]float64 {
	var r struct{ Paths map[string][]float64 }
	text, err := os.ReadFile("testdata/schedules.json")
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r.Paths
}

func TestSchedulesAreThoseOfPyTorch(t *testing.T) {
	paths := recordedSchedules(t)
	for name, s := range scheduled {
		path := paths[name]
		if len(path) < 40 {
			t.Errorf("%s has %d recorded factors", name, len(path))
		}
		for step, want := range path {
			if got := s.Factor(step); !(math.Abs(got-want) <= 1e-9*(1e-3+want)) {
				t.Errorf("%s: the factor of step %d is %v, PyTorch has %v", name, step, got, want)
				break
			}
		}
	}
	for name := range paths {
		if scheduled[name] == nil {
			t.Errorf("%s is recorded, but not among the schedules of this test", name)
		}
	}
}

// After their last step schedules stay where they are, and far away they are still numbers.
func TestSchedulesGoOnForEver(t *testing.T) {
	for name, s := range scheduled {
		for _, step := range []int{1000, 123456, 10_000_000} {
			if got := s.Factor(step); math.IsNaN(got) || got < 0 || got > 1 {
				t.Errorf("%s: the factor of step %d is %v", name, step, got)
			}
		}
	}
}

func TestWrongSchedulesAreRefused(t *testing.T) {
	for _, s := range []Schedule{InverseTime{}, InverseTime{Every: 1, Rate: -1}, Polynomial{}, Linear{}, InverseRoot{}, CosineRestarts{},
		CosineRestarts{First: 3, Longer: 0.5}, OneCycle{}, Cyclic{}, Cyclic{Up: 3, Down: -1}, Sequence{}, Sequence{Schedules: []Schedule{nil}, Ends: []int{1}},
		Sequence{Schedules: []Schedule{nil, nil}, Ends: []int{0}}, ByEpoch{}, Piecewise{}, Piecewise{Until: []int{3}, Factors: []float64{1}}} {
		if err := dl.Try(func() { s.Factor(3) }); err == nil {
			t.Errorf("%#v has the factor %v", s, s.Factor(3))
		}
	}
}
