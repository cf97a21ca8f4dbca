package fair

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"modelbook/dl/metric"
)

// Rates are the measures of one group. Those of people that do not occur are NaN: the true positive rate of a group without a
// true outcome, all of a group without people.
type Rates struct {
	Group             string
	Count             int
	BaseRate          float64 // share of true outcomes
	SelectionRate     float64 // share of those who are selected
	TruePositiveRate  float64 // share of the selected among true outcomes: sensitivity, recall
	FalsePositiveRate float64 // share of the selected among false outcomes
	Precision         float64 // share of true outcomes among the selected: positive predictive value
	Accuracy          float64
	CalibrationError  float64 // expected calibration error of the scores, over ten bins of the same width; NaN without scores
}

// An Interval is a value and where it lies with the confidence that was asked for. Low and High are NaN where no sample had a
// value.
type Interval = metric.Interval

// Options say how much [Measure] does.
type Options struct {
	Groups     []string // that are to be in the report, even if nobody is of them
	Samples    int      // of the bootstrap; 0: 1,000; negative: no intervals
	Confidence float64  // of the intervals; 0: 0.95
	Seed       uint64   // of the bootstrap
}

// A Criterion is a way to compare groups: a difference or a ratio.
type Criterion int

// The criteria that groups are compared by. A difference is that between the largest and the smallest value of the groups that
// have one: 0 is equal treatment.
const (
	DemographicParity Criterion = iota // difference of selection rates (independence)
	EqualOpportunity                   // difference of true positive rates (Hardt, Price and Srebro, 2016)
	EqualizedOdds                      // the larger of the differences of true and of false positive rates (separation)
	PredictiveParity                   // difference of precision (sufficiency; Chouldechova, 2017)
	CalibrationGap                     // difference of calibration errors
	DisparateImpact                    // ratio of the smallest to the largest selection rate: below 0.8 by the four-fifths rule of the EEOC
	criteria
)

var criterionNames = [...]string{"demographic parity", "equal opportunity", "equalized odds", "predictive parity", "calibration", "disparate impact"}

// String returns the name in words.
func (c Criterion) String() string {
	if c < 0 || c >= criteria {
		return fmt.Sprintf("Criterion(%d)", int(c))
	}
	return criterionNames[c]
}

// A Report is what [Measure] found.
type Report struct {
	Groups     []Rates // sorted by name
	Overall    Rates
	Confidence float64

	values [criteria]Interval
}

// Of is the value of a criterion, with its interval. It panics when there is no such criterion.
func (r *Report) Of(c Criterion) Interval {
	if c < 0 || c >= criteria {
		panic(fmt.Sprintf("fair.Report.Of: there is no criterion %d", int(c)))
	}
	return r.values[c]
}

// Measure compares how decisions treat groups. The intervals are percentiles of a bootstrap that draws people of each group
// anew, as many as there are.
func Measure(d Decisions, o Options) (*Report, error) {
	d, err := d.resolved("Measure")
	if err != nil {
		return nil, err
	}
	if o.Confidence == 0 {
		o.Confidence = 0.95
	}
	if !(o.Confidence > 0 && o.Confidence < 1) {
		return nil, fmt.Errorf("fair.Measure: the confidence is %v; it is between 0 and 1", o.Confidence)
	}
	if o.Samples == 0 {
		o.Samples = 1000
	}
	names := d.names(o.Groups)
	members, all := make([][]int, len(names)), tally{}
	for i, g := range d.Groups {
		k, _ := slices.BinarySearch(names, g)
		members[k] = append(members[k], i)
		all.add(&d, i)
	}
	r := &Report{Overall: all.rates("all", d.Scores != nil), Confidence: o.Confidence}
	for k, name := range names {
		var t tally
		for _, i := range members[k] {
			t.add(&d, i)
		}
		r.Groups = append(r.Groups, t.rates(name, d.Scores != nil))
	}
	for c, v := range compared(r.Groups) {
		r.values[c] = Interval{Value: v, Low: math.NaN(), High: math.NaN()}
	}
	r.bootstrap(&d, members, o)
	return r, nil
}

// bootstrap fills in the intervals.
func (r *Report) bootstrap(d *Decisions, members [][]int, o Options) {
	random := rand.New(rand.NewPCG(o.Seed, 1))
	var drawn [criteria][]float64
	groups := make([]Rates, len(members))
	for range max(0, o.Samples) {
		for k, m := range members {
			var t tally
			for range m {
				t.add(d, m[random.IntN(len(m))])
			}
			groups[k] = t.rates("", d.Scores != nil)
		}
		for c, v := range compared(groups) {
			if !math.IsNaN(v) {
				drawn[c] = append(drawn[c], v)
			}
		}
	}
	percentiles := metric.Bootstrap{Confidence: o.Confidence}
	for c, v := range drawn {
		r.values[c] = percentiles.Around(r.values[c].Value, v)
	}
}

// compared are the criteria of some groups; NaN where fewer than two have a value.
func compared(groups []Rates) (v [criteria]float64) {
	spread := func(of func(r *Rates) float64) (difference, ratio float64) {
		low, high, n := math.Inf(1), math.Inf(-1), 0
		for i := range groups {
			if v := of(&groups[i]); !math.IsNaN(v) {
				low, high, n = min(low, v), max(high, v), n+1
			}
		}
		switch {
		case n < 2:
			return math.NaN(), math.NaN()
		case high == 0:
			return 0, 1 // nobody is selected: of no group more than of others
		}
		return high - low, low / high
	}
	v[DemographicParity], v[DisparateImpact] = spread(func(r *Rates) float64 { return r.SelectionRate })
	v[EqualOpportunity], _ = spread(func(r *Rates) float64 { return r.TruePositiveRate })
	wrong, _ := spread(func(r *Rates) float64 { return r.FalsePositiveRate })
	v[EqualizedOdds] = max(v[EqualOpportunity], wrong) // NaN if one is
	v[PredictiveParity], _ = spread(func(r *Rates) float64 { return r.Precision })
	v[CalibrationGap], _ = spread(func(r *Rates) float64 { return r.CalibrationError })
	return v
}

// Unit says what the values are: "difference of selection rates", and so on.
func (c Criterion) Unit() string {
	if c < 0 || c >= criteria {
		return ""
	}
	return criterionUnits[c]
}

var criterionUnits = [...]string{"difference of selection rates", "difference of true positive rates", "larger difference of true and false positive rates",
	"difference of precision", "difference of calibration errors", "ratio of selection rates"}
