package metric_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"modelbook/dl"
	"modelbook/dl/metric"
)

// Eighty of a hundred predictions are right. By the normal approximation the interval would go from 0.722 to 0.878.
func ExampleBootstrap() {
	prediction, target := make([]float32, 100), make([]int32, 100)
	for i := range target {
		target[i] = int32(i % 2)
		if right := i%5 != 0; right == (target[i] == 1) {
			prediction[i] = 0.9
		}
	}
	b := metric.Bootstrap{Seed: 1}
	fmt.Println(b.Of(metric.Accuracy{}, dl.Of(prediction), dl.Of(target)))
	fmt.Println(b)
	// Output:
	// 0.800 (0.720 to 0.870)
	// percentiles of 1000 bootstrap samples, 95 %
}

// What is no metric has an interval, too: here the median of what customers have spent.
func ExampleBootstrap_Rows() {
	spent := []float64{12, 0, 31, 5, 8, 90, 14, 22, 3, 17, 11, 9}
	median := func(rows []int) float64 {
		values := make([]float64, len(rows))
		for i, r := range rows {
			values[i] = spent[r]
		}
		return dl.Of(values).Quantile(0.5, 0).Item()
	}
	fmt.Println(metric.Bootstrap{Seed: 1}.Rows(len(spent), median))
	// Output: 11.500 (6.500 to 19.500)
}

// For a mean the bootstrap is known in advance: its deviation is that of the values over the root of their number.
func TestTheBootstrapOfAMeanIsThatOfTheory(t *testing.T) {
	values := make([]float64, 400)
	r := dl.NewRand(3)
	for i := range values {
		values[i] = r.Normals(0, 1).Item()
	}
	mean := func(rows []int) (m float64) {
		for _, i := range rows {
			m += values[i]
		}
		return m / float64(len(rows))
	}
	i := metric.Bootstrap{Samples: 20000, Confidence: 0.9, Seed: 5}.Rows(len(values), mean)
	var sum, squares float64
	for _, v := range values {
		sum, squares = sum+v, squares+v*v
	}
	m := sum / 400
	deviation := math.Sqrt((squares/400 - m*m) / 400)
	if math.Abs(i.Value-m) > 1e-12 || math.Abs(i.Low-(m-1.645*deviation)) > 0.1*deviation || math.Abs(i.High-(m+1.645*deviation)) > 0.1*deviation {
		t.Errorf("got %v, want %v ± %v", i, m, 1.645*deviation)
	}
}

// The intervals of metrics are those of the rows that are drawn.
func TestMetricsAreOfTheDrawnRows(t *testing.T) {
	r := dl.NewRand(4)
	p := r.Uniforms(0, 1, 60)
	y := dl.Values[float32](r.Uniforms(0, 1, 60).Add(p))
	labels := make([]int32, len(y))
	for i, v := range y {
		if v > 1 {
			labels[i] = 1
		}
	}
	target := dl.Of(labels)
	b := metric.Bootstrap{Samples: 50, Seed: 9}
	for _, m := range []metric.Metric{metric.ROCAUC{}, metric.LogLoss{}, metric.CalibrationError{}, metric.F1{}} {
		got := b.Of(m, p, target)
		want := b.Rows(60, func(rows []int) float64 {
			var ps []float32
			var ts []int32
			for _, i := range rows {
				ps, ts = append(ps, float32(p.At(i))), append(ts, labels[i])
			}
			meter := m.Start()
			meter.Add(dl.Of(ps), dl.Of(ts))
			return meter.Value()
		})
		for k, d := range []float64{got.Value - want.Value, got.Low - want.Low, got.High - want.High} {
			if !(math.Abs(d) < 1e-6) {
				t.Errorf("%s: got %v, want %v (%d)", m.Name(), got, want, k)
			}
		}
	}
}

func TestSamplesWithoutAValueDoNotCount(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		value float64
		drawn []float64
		want  string
	}{
		{2, []float64{1, nan, 3, nan}, "2.000 (1.050 to 2.950)"}, {2, []float64{nan}, "2.000"}, {2, nil, "2.000"},
		{nan, []float64{1, 2}, "-"}, {math.Inf(1), []float64{math.Inf(1), math.Inf(1)}, "+Inf (+Inf to +Inf)"},
	} {
		if got := (metric.Bootstrap{}).Around(test.value, test.drawn).String(); got != test.want {
			t.Errorf("%v of %v: got %s, want %s", test.value, test.drawn, got, test.want)
		}
	}
}

func TestIntervalsInJSON(t *testing.T) {
	for _, test := range []struct {
		i    metric.Interval
		want string
	}{
		{metric.Interval{Value: 0.5, Low: 0.25, High: 1}, `{"value":0.5,"low":0.25,"high":1}`},
		{metric.Interval{Value: 0, Low: math.NaN(), High: math.Inf(1)}, `{"value":0}`},
	} {
		got, err := json.Marshal(test.i)
		if err != nil || string(got) != test.want {
			t.Errorf("got %s, %v, want %s", got, err, test.want)
		}
		var back metric.Interval
		if err := json.Unmarshal(got, &back); err != nil || back.Value != test.i.Value || math.IsNaN(back.Low) != math.IsNaN(test.i.Low) {
			t.Errorf("back: %v, %v", back, err)
		}
	}
	for _, wrong := range []string{`{"value":"x"}`, `{"mean":1}`, `[1]`, `1`} {
		if err := json.Unmarshal([]byte(wrong), new(metric.Interval)); err == nil {
			t.Errorf("%s is read", wrong)
		}
	}
}
