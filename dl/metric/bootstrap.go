package metric

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"modelbook/dl"
	"modelbook/internal/number"
)

// Interval is a value and where it lies with some confidence. Low and High are NaN where that is not known.
type Interval struct{ Value, Low, High float64 }

// String returns a value with its interval: "0.213 (0.105 to 0.322)".
func (i Interval) String() string {
	if math.IsNaN(i.Value) {
		return "-"
	}
	if math.IsNaN(i.Low) {
		return fmt.Sprintf("%.3f", i.Value)
	}
	return fmt.Sprintf("%.3f (%.3f to %.3f)", i.Value, i.Low, i.High)
}

// intervalJSON leaves out what is not a finite number: JSON has none.
type intervalJSON struct {
	Value *float64 `json:"value,omitempty"`
	Low   *float64 `json:"low,omitempty"`
	High  *float64 `json:"high,omitempty"`
}

// MarshalJSON writes {"value": 0.213, "low": 0.105, "high": 0.322}, without what is not a finite number.
func (i Interval) MarshalJSON() ([]byte, error) {
	finite := func(v float64) *float64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	return json.Marshal(intervalJSON{finite(i.Value), finite(i.Low), finite(i.High)})
}

// UnmarshalJSON reads what MarshalJSON wrote; what is left out is NaN.
func (i *Interval) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var in intervalJSON
	if err := d.Decode(&in); err != nil {
		return err
	}
	given := func(v *float64) float64 {
		if v == nil {
			return math.NaN()
		}
		return *v
	}
	*i = Interval{given(in.Value), given(in.Low), given(in.High)}
	return nil
}

// Bootstrap measures how far chance in the choice of the data moves a value: the data are drawn anew, with replacement and
// as many as there are, and the interval goes from one percentile to another of the values that they have (Efron, 1979).
// It needs some dozens of samples that do not depend on one another, and says nothing of data of another origin.
type Bootstrap struct {
	Samples    int     // how often the data are drawn; 0: 1,000
	Confidence float64 // 0: 0.95
	Seed       uint64
}

// The most that is drawn, and drawn from.
const (
	maxSamples = 1 << 24
	maxRows    = 1 << 30
)

// resolved fills in what is left out.
func (b Bootstrap) resolved() Bootstrap {
	if b.Samples == 0 {
		b.Samples = 1000
	}
	if b.Confidence == 0 {
		b.Confidence = 0.95
	}
	if b.Samples < 1 || b.Samples > maxSamples {
		dl.PanicValue("metric.Bootstrap", "Samples is %d; it is how often the data are drawn, at most %d times", b.Samples, maxSamples)
	}
	if !(b.Confidence > 0 && b.Confidence < 1) {
		dl.PanicValue("metric.Bootstrap", "Confidence is %v; it is between 0 and 1", b.Confidence)
	}
	return b
}

// String says how an interval is made: "percentiles of 1000 bootstrap samples, 95 %".
func (b Bootstrap) String() string {
	b = b.resolved()
	return fmt.Sprintf("percentiles of %s, %v %%", number.Plural(b.Samples, "bootstrap sample", "bootstrap samples"), math.Round(1e4*b.Confidence)/100)
}

// Of is the interval of a metric. The samples are on the first axis of the predictions. The metric's meter must take weights, as
// all of this package do: a sample that is drawn twice weighs 2.
func (b Bootstrap) Of(m Metric, prediction, target *dl.Tensor) Interval {
	b = b.resolved()
	meter := weigher("metric.Bootstrap.Of", inner("metric.Bootstrap.Of", m).Start())
	meter.Add(prediction, target)
	value := meter.Value()
	if prediction.Rank() == 0 {
		dl.PanicShape("metric.Bootstrap.Of", "samples are on the first axis of predictions", prediction)
	}
	counts := make([]float32, prediction.Dim(0))
	return b.Around(value, b.draw(len(counts), func(rows []int) float64 {
		clear(counts)
		for _, i := range rows {
			counts[i]++
		}
		meter.Reset()
		meter.AddWeighted(prediction, target, dl.Of(slices.Clone(counts)))
		return meter.Value()
	}))
}

// Rows is the interval of any value of n rows of data. value is called with the numbers of rows, first with each once.
// It may not keep the slice.
func (b Bootstrap) Rows(n int, value func(rows []int) float64) Interval {
	b = b.resolved()
	if n < 1 || n > maxRows {
		dl.PanicValue("metric.Bootstrap.Rows", "there are %d rows; at least 1 and at most %d are drawn from", n, maxRows)
	}
	if value == nil {
		dl.PanicValue("metric.Bootstrap.Rows", "value is nil; it computes the value of some rows")
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return b.Around(value(all), b.draw(n, value))
}

// draw is the value of each bootstrap sample of n rows.
func (b Bootstrap) draw(n int, value func(rows []int) float64) []float64 {
	if n == 0 {
		return nil
	}
	random := rand.New(rand.NewPCG(b.Seed, 1))
	rows, drawn := make([]int, n), make([]float64, b.Samples)
	for s := range drawn {
		for i := range rows {
			rows[i] = random.IntN(n)
		}
		drawn[s] = value(rows)
	}
	return drawn
}

// Around is the interval of a value whose bootstrap samples the caller has drawn, within groups for example. Those that are NaN
// do not count.
func (b Bootstrap) Around(value float64, drawn []float64) Interval {
	b = b.resolved()
	sorted := make([]float64, 0, len(drawn))
	for _, v := range drawn {
		if !math.IsNaN(v) {
			sorted = append(sorted, v)
		}
	}
	if len(sorted) == 0 || math.IsNaN(value) {
		return Interval{value, math.NaN(), math.NaN()}
	}
	slices.Sort(sorted)
	return Interval{value, percentile(sorted, (1-b.Confidence)/2), percentile(sorted, (1+b.Confidence)/2)}
}

// percentile interpolates between sorted values, as NumPy does.
func percentile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-1)
	if i+1 == len(sorted) || sorted[i] == sorted[i+1] {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
