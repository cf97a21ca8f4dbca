package card

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"strings"

	"modelbook/dl"
	"modelbook/dl/fair"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
)

// New begins a card with the size of a model and the environment. Without a module, nil, there is no size: a model that is
// not of package nn.
func New(name string, m nn.Module) *Card {
	c := &Card{Name: name, Environment: here()}
	if m != nil {
		c.Model = Size(m)
	}
	return c
}

// Size is the size of a module. Kind is left to be said.
func Size(m nn.Module) Model {
	counts := nn.Count(m)
	s := Model{Parameters: counts.Total, Trainable: counts.Trainable}
	for _, p := range nn.NamedParameters(m) {
		s.Bytes += int64(p.Value.Size()) * int64(p.Value.DType().Bytes())
	}
	return s
}

// here is the environment of this program.
func here() Environment {
	e := Environment{Go: strings.Fields(runtime.Version())[0], Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return e
	}
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path == "modelbook" && m.Version != "(devel)" && m.Version != "v0.0.0" { // which say nothing
			e.Modelbook = m.Version
		}
	}
	return e
}

// CalibrationOf is the calibration that a reliability curve shows, such as that of metric.CalibrationError's method Curve.
func CalibrationOf(curve *metric.ReliabilityCurve) *Calibration {
	if curve == nil {
		dl.PanicValue("card.CalibrationOf", "the curve is nil; metric.CalibrationError{}.Curve makes one")
	}
	c := &Calibration{Error: metric.Interval{Value: curve.Error(), Low: math.NaN(), High: math.NaN()}}
	for i, n := range curve.Samples {
		c.Bins = append(c.Bins, Bin{curve.Probability[i], curve.Share[i], n})
	}
	return c
}

// GroupsOf is the table of a report of package fair; by says what tells the groups apart. Criteria have the report's
// intervals.
func GroupsOf(by string, r *fair.Report) Groups {
	if r == nil {
		dl.PanicValue("card.GroupsOf", "the report is nil; fair.Measure makes one")
	}
	g := Groups{By: by, Measures: []string{"true outcomes", "selected", "true positive rate", "false positive rate", "precision", "accuracy", "calibration error"},
		Conflicts: r.Conflicts()}
	for _, rates := range append(append([]fair.Rates{}, r.Groups...), r.Overall) {
		row := Group{Name: rates.Group, Examples: rates.Count}
		for _, v := range []float64{rates.BaseRate, rates.SelectionRate, rates.TruePositiveRate, rates.FalsePositiveRate, rates.Precision, rates.Accuracy, rates.CalibrationError} {
			row.Values = append(row.Values, metric.Interval{Value: v, Low: math.NaN(), High: math.NaN()})
		}
		g.Groups = append(g.Groups, row)
	}
	for c := fair.DemographicParity; c.Unit() != ""; c++ {
		g.Criteria = append(g.Criteria, Metric{Name: c.String() + ", " + c.Unit(), Model: r.Of(c), Examples: r.Overall.Count,
			Interval: fmt.Sprintf("bootstrap within groups, %v %%", math.Round(1e4*r.Confidence)/100)})
	}
	return g
}
