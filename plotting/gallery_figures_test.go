package plotting

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"modelbook/dl"
	"modelbook/dl/fair"
	"modelbook/dl/nn"
	"modelbook/dl/train"
)

// themed are figures that the golden images keep in both themes.
var themed = map[string]func(t Theme) *Figure{
	"roc":         func(t Theme) *Figure { return ROC(twoModels(), t, Title("Two models")) },
	"roc_classes": func(t Theme) *Figure { return ROC([]Scored{threeClasses(400)}, t) },
	"membership": func(t Theme) *Figure {
		return ROC(attacks(), t, Title("Which samples was the model trained with?"))
	},
	"pr":           func(t Theme) *Figure { return PrecisionRecall(twoModels(), t) },
	"pr_classes":   func(t Theme) *Figure { return PrecisionRecall([]Scored{threeClasses(400)}, t, Title("Three classes")) },
	"calibration":  func(t Theme) *Figure { return Calibration(twoModels()[:1], t, Title("Reliability")) },
	"calibration2": func(t Theme) *Figure { return Calibration(twoModels(), t, Bins(6)) },
	"histogram_kde": func(t Theme) *Figure {
		return Histogram(append(normal(600), shifted(normal(300), 5, 0.6)...), KDE, t, Title("Two hills"))
	},
	"densities": func(t Theme) *Figure { return Densities(threeGroups(), t, Labels{X: "size"}, Title("Densities")) },
	"boxes":     func(t Theme) *Figure { return Boxes(threeGroups(), t, Labels{Y: "size"}, Title("Boxes")) },
	"violins":   func(t Theme) *Figure { return Violins(threeGroups(), t, Labels{Y: "size"}, Title("Violins")) },
	"grouped_bars": func(t Theme) *Figure {
		return GroupedBars([]string{"digits", "clothes", "letters", "a long name of a data set"}, []BarSeries{
			{"linear", []float64{0.91, 0.83, 0.75, 0.66}, []float64{0.01, 0.02, 0.015, 0.08}},
			{"network", []float64{0.985, 0.91, 0.88, 0.71}, []float64{0.004, 0.01, 0.02, 0.05}},
			{"forest", []float64{0.96, 0.88, math.NaN(), -0.12}, nil},
		}, t, Labels{Y: "score"}, Title("Models on four data sets"))
	},
	"heatmap": func(t Theme) *Figure {
		return Heatmap([][]float64{{1, 2.5, -3}, {0.25, math.NaN(), 4}}, t, Centred, Names{[]string{"first", "second"}, []string{"a", "b", "a long name"}}, Labels{"columns", "rows"}, Title("Heat"))
	},
	"heatmap_large": func(t Theme) *Figure {
		values := make([]float64, 80*120)
		for i := range values {
			values[i] = math.Sin(float64(i%120)/12) * math.Cos(float64(i/120)/9)
		}
		return Heatmap(dl.Of(values, 80, 120), t, Title("80 × 120"))
	},
	"tradeoffs": func(t Theme) *Figure {
		return Tradeoffs([]fair.Tradeoff{
			{Name: "as trained", Accuracy: 0.842, Values: [...]float64{0.31, 0.22, 0.22, 0.05, 0.02, 0.48}},
			{Name: "reweighed", Accuracy: 0.831, Values: [...]float64{0.18, 0.09, 0.12, 0.08, 0.03, 0.67}},
			{Name: "penalty 10", Accuracy: 0.818, Values: [...]float64{0.04, 0.07, 0.15, 0.17, 0.06, 0.92}},
			{Name: "thresholds", Accuracy: 0.822, Values: [...]float64{0.01, 0.06, 0.13, 0.15, 0.02, 0.98}},
		}, t, Title("What fairness costs"))
	},
	"correlation": func(t Theme) *Figure { return Correlation(flowers(), t, Title("Correlation")) },
	"pairs": func(t Theme) *Figure {
		return Pairs(flowers(), t, ColorBy{Values: flowerNames()}, Title("Pairs"))
	},
	"curves_smoothed": func(t Theme) *Figure { return Curves(noisy(120, 1), t, Smoothing(0.9)) },
	"runs": func(t Theme) *Figure {
		return CompareRuns([]TrainingRun{{"rate 0.01", noisy(60, 1)}, {"rate 0.001, a longer name", noisy(40, 2)}, {"", noisy(60, 3)}}, t, Smoothing(0.6), Title("Three runs"))
	},
	"lines_smoothed": func(t Theme) *Figure {
		return Lines([]Series{{Name: "batches", Y: noise(800)}}, t, Smoothing(0.97))
	},
	"lines_band": func(t Theme) *Figure {
		s := Series{Name: "mean of five", Y: wave(40)}
		for i, v := range s.Y {
			s.Low, s.High = append(s.Low, v-0.1-float64(i)*0.01), append(s.High, v+0.1+float64(i)*0.01)
		}
		return Lines([]Series{s}, t, Title("Error band"))
	},
	"time_series": func(t Theme) *Figure { return TimeSeries(demand(), t, Labels{Y: "bicycles"}, Title("Demand")) },
	"time_hours": func(t Theme) *Figure {
		s := TimedSeries{Name: "load"}
		var values []float64
		for i := range 90 {
			s.Times = append(s.Times, time.Date(2026, 3, 28, 20, 0, 0, 0, time.UTC).Add(time.Duration(i)*13*time.Minute))
			values = append(values, 3+math.Sin(float64(i)/9))
		}
		s.Values = values
		return TimeSeries([]TimedSeries{s}, t, Size{Height: 240})
	},
	"boundary": func(t Theme) *Figure {
		x, y := rings()
		return Boundary(func(x *dl.Tensor) *dl.Tensor {
			v := dl.Values[float32](x)
			out := make([]float32, 0, len(v)/2*3)
			for i := 0; i < len(v); i += 2 {
				r := math.Hypot(float64(v[i]), float64(v[i+1]))
				out = append(out, float32(-4*r), float32(-4*math.Abs(r-1)), float32(-4*math.Abs(r-2)))
			}
			return dl.Of(out, len(v)/2, 3)
		}, x, y, t, Names{Rows: []string{"core", "ring", "rim"}}, Labels{"x", "y"}, Title("Rings"))
	},
	"attention": func(t Theme) *Figure {
		tokens := []string{"the", "cat", "sat", "on", "the", "mat", "."}
		return Attention(heads(4, 7), t, Names{tokens, tokens}, Title("Attention"))
	},
	"attention_one": func(t Theme) *Figure { return Attention(heads(1, 40).Reshape(40, 40), t) },
	"norms":         func(t Theme) *Figure { return Norms(deep(), t, Title("Norms")) },
	"embedding": func(t Theme) *Figure {
		x, y := rings()
		var names []string
		for _, c := range y {
			names = append(names, []string{"core", "ring", "rim"}[c])
		}
		return Embedding(x, t, ColorBy{Values: names}, Title("Embedding"))
	},
	"overlay": func(t Theme) *Figure {
		heat := make([]float32, 3*7*7)
		for i := range heat {
			y, x := i/7%7, i%7
			heat[i] = float32(math.Exp(-(math.Pow(float64(y-3), 2) + math.Pow(float64(x-2*(i/49)), 2)) / 3))
		}
		return HeatOverlay(strokes(3), dl.Of(heat, 3, 7, 7), t, Captions{"left", "middle", "right"}, Title("Heat"))
	},
	"activations": func(t Theme) *Figure {
		x := strokes(10).Transpose(1, 2, 3, 0).Reshape(28, 28, 10) // ten pictures as ten channels
		return Activations(x.Sub(x.Roll(1, 0)).Mul(dl.Of([]float32{1, 1, 0, 1, 1, 1, 1, 1, 1, 1}, 10)), t, Title("First layer"))
	},
	"rates": func(t Theme) *Figure { return LearningRates(rateTest(), t, Title("Which learning rate?")) },
}

func init() {
	for name, figure := range themed {
		gallery[name] = func() *Figure { return figure(Light) }
		gallery[name+"_dark"] = func() *Figure { return figure(Dark) }
	}
}

// twoModels are a good and a fair classifier of two classes; the fair one is too sure.
func twoModels() []Scored {
	r := rand.New(rand.NewPCG(21, 22))
	var labels []int
	var good, fair []float64
	for i := range 500 {
		label := i % 3 / 2
		labels = append(labels, label)
		z := 2.4*float64(label) - 1.2 + r.NormFloat64()
		good = append(good, 1/(1+math.Exp(-2.4*z+0.7)))
		z = 1.2*float64(label) - 0.6 + r.NormFloat64()
		fair = append(fair, 1/(1+math.Exp(-4*z)))
	}
	return []Scored{{Name: "network", Scores: good, Labels: labels}, {Name: "logistic regression", Scores: fair, Labels: labels}}
}

// threeClasses are the probabilities of a classifier of three classes.
func threeClasses(n int) Scored {
	r := rand.New(rand.NewPCG(23, 24))
	labels, scores := make([]int, n), make([]float32, 0, 3*n)
	for i := range labels {
		labels[i] = i % 3
		var e [3]float64
		sum := 0.0
		for k := range e {
			e[k] = math.Exp(r.NormFloat64() + float64(is(k == labels[i]))*(1+0.5*float64(k)))
			sum += e[k]
		}
		for _, v := range e {
			scores = append(scores, float32(v/sum))
		}
	}
	return Scored{Scores: dl.Of(scores, n, 3), Labels: labels, Classes: []string{"setosa", "versicolor", "virginica"}}
}

func shifted(values []float64, by, times float64) []float64 {
	for i := range values {
		values[i] = values[i]*times + by
	}
	return values
}

func threeGroups() []Group {
	skewed := normal(200)
	for i, v := range skewed {
		skewed[i] = math.Exp(v / 2)
	}
	return []Group{{"first", normal(150)}, {"skewed", skewed}, {"a group with a longer name", shifted(normal(400), 3, 0.5)}}
}

// flowers are four columns of 150 samples, in three kinds.
func flowers() []Group {
	r := rand.New(rand.NewPCG(25, 26))
	columns := make([][]float64, 4)
	for i := range 150 {
		kind := float64(i % 3)
		size := r.NormFloat64()
		columns[0] = append(columns[0], 5+0.8*kind+0.4*size)
		columns[1] = append(columns[1], 3.4-0.3*kind+0.3*r.NormFloat64())
		columns[2] = append(columns[2], 1.5+1.9*kind+0.3*size+0.1*r.NormFloat64())
		columns[3] = append(columns[3], 0.3+0.9*kind+0.15*r.NormFloat64())
	}
	var groups []Group
	for i, name := range []string{"sepal length", "sepal width", "petal length", "petal width"} {
		groups = append(groups, Group{name, columns[i]})
	}
	return groups
}

func flowerNames() []string {
	var names []string
	for i := range 150 {
		names = append(names, []string{"setosa", "versicolor", "virginica"}[i%3])
	}
	return names
}

// noisy is the history of a training whose values jump.
func noisy(epochs int, seed uint64) *train.History {
	r := rand.New(rand.NewPCG(27, seed))
	h := &train.History{Names: []string{"loss", "accuracy", "val_loss", "val_accuracy"}, Values: map[string][]float64{}}
	for e := range epochs {
		x := float64(e) * float64(seed) / 20
		h.Epochs = append(h.Epochs, e+1)
		for _, v := range []struct {
			name  string
			value float64
		}{{"loss", 1.2*math.Exp(-x) + 0.3 + 0.05*r.NormFloat64()}, {"accuracy", 0.9 - 0.4*math.Exp(-x) + 0.02*r.NormFloat64()},
			{"val_loss", 1.1*math.Exp(-x) + 0.4 + 0.08*r.NormFloat64()}, {"val_accuracy", 0.87 - 0.4*math.Exp(-x) + 0.03*r.NormFloat64()}} {
			h.Values[v.name] = append(h.Values[v.name], v.value)
		}
	}
	return h
}

// demand is a year of days, and a forecast of two months.
func demand() []TimedSeries {
	r := rand.New(rand.NewPCG(29, 30))
	past, future := TimedSeries{Name: "measured"}, TimedSeries{Name: "expected", Forecast: true}
	var values, expected, low, high []float64
	first := time.Date(2025, 2, 3, 0, 0, 0, 0, time.UTC)
	for i := range 430 {
		v := 900 + 500*math.Sin(float64(i-60)/365*2*math.Pi) + 120*math.Sin(float64(i)*2*math.Pi/7)
		day := first.AddDate(0, 0, i)
		if i < 365 {
			past.Times, values = append(past.Times, day), append(values, v+60*r.NormFloat64())
			continue
		}
		wide := 100 + 5*float64(i-365)
		future.Times, expected = append(future.Times, day), append(expected, v)
		low, high = append(low, v-wide), append(high, v+wide)
	}
	past.Values, future.Values, future.Low, future.High = values, expected, low, high
	return []TimedSeries{past, future}
}

// rings are points about the origin, their classes by the distance.
func rings() (x *dl.Tensor, classes []int) {
	r := rand.New(rand.NewPCG(31, 32))
	var values []float64
	for i := range 240 {
		class := i % 3
		radius, angle := float64(class)+0.25*r.NormFloat64(), 2*math.Pi*r.Float64()
		values, classes = append(values, radius*math.Cos(angle), radius*math.Sin(angle)), append(classes, class)
	}
	return dl.Of(values, 240, 2), classes
}

// heads are attention weights, causal ones, each head looking so many places back.
func heads(n, size int) *dl.Tensor {
	values := make([]float64, n*size*size)
	for k := range n {
		for i := range size {
			row := values[(k*size+i)*size : (k*size+i+1)*size]
			sum := 0.0
			for j := range i + 1 {
				row[j] = math.Exp(-math.Abs(float64(i - j - k)))
				sum += row[j]
			}
			for j := range row {
				row[j] /= sum
			}
		}
	}
	return dl.Of(values, n, size, size)
}

// deep is a model after a backward pass, whose gradients vanish towards the input.
func deep() nn.Module {
	m := &stack{}
	for i := range 6 {
		p := nn.NewParameter(fmt.Sprintf("dense_%d.weight", i), dl.Full(0.1*float64(i+1), 4, 4))
		q := nn.NewParameter(fmt.Sprintf("dense_%d.bias", i), dl.Full(float64(min(i, 1)), 4))
		p.Value.Mul(p.Value).Sum().MulScalar(math.Pow(10, float64(i-5))).Backward()
		q.Value.Sum().MulScalar(math.Pow(10, float64(i-5))).Backward()
		m.all = append(m.all, p, q)
	}
	return m
}

type stack struct{ all []*nn.Parameter }

func (s *stack) Parameters() []*nn.Parameter { return s.all }

// rateTest is the curve of a range test that diverges at its end.
func rateTest() *train.RateCurve {
	r := rand.New(rand.NewPCG(33, 34))
	c := &train.RateCurve{Diverged: true}
	for i := range 90 {
		x := float64(i) / 99
		c.Rates = append(c.Rates, 1e-7*math.Pow(1e8, x))
		loss := 2.3 - 1.9/(1+math.Exp(-(x-0.6)*22))
		if x > 0.8 {
			loss += math.Pow(10, (x-0.8)*40) - 1
		}
		c.Losses = append(c.Losses, loss)
		c.Measured = append(c.Measured, loss*(1+0.12*r.NormFloat64()))
	}
	return c
}
