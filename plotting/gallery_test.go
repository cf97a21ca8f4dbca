package plotting

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strconv"

	"modelbook/dl"
	"modelbook/dl/metric"
	"modelbook/dl/train"
)

// gallery holds one figure of every kind, and of every case that once could go wrong; golden images keep them.
var gallery = map[string]func() *Figure{
	"curves":      func() *Figure { return Curves(training(10)) },
	"curves_dark": func() *Figure { return Curves(training(10), Dark) },
	"curves_1":    func() *Figure { return Curves(training(1)) },
	"curves_long": func() *Figure { return Curves(training(3000), Columns(1)) },
	"curves_gaps": func() *Figure { return Curves(withGaps(training(14)), Title("With gaps")) },
	"curves_live": func() *Figure {
		h := training(8)
		for i := range h.Epochs {
			h.Values["loss"][i] *= math.Pow(2, float64(8-i))
			h.Values["learning_rate"][i] = 0.01 / float64(1+i/3)
		}
		return curves(h, collect[Option](nil), story{begun: 5, last: 12, ended: "stopped after epoch 8 of 12, 3.0 s: val_loss has not improved since epoch 4"})
	},
	"curves_empty":   func() *Figure { return Curves(&train.History{}) },
	"confusion":      func() *Figure { return Confusion(digits()) },
	"confusion_dark": func() *Figure { return Confusion(digits(), Normalised, Dark) },
	"confusion_long": func() *Figure { return Confusion(clothes(), Normalised) },
	"confusion_1": func() *Figure {
		return Confusion(&metric.ConfusionMatrix{Classes: []string{"only"}, Counts: [][]int{{12}}})
	},
	"confusion_100": func() *Figure { return Confusion(many(100)) },
	"confusion_2": func() *Figure {
		return Confusion(&metric.ConfusionMatrix{Classes: []string{"cat", "dog"}, Counts: [][]int{{40, 3}, {1, 1_234_567}}})
	},
	"confusion_narrow": func() *Figure { return Confusion(digits(), Size{Width: 300}) },
	"confusion_0":      func() *Figure { return Confusion(&metric.ConfusionMatrix{}) },
	"images": func() *Figure {
		return Images(strokes(16), Predictions{True: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5}, Scores: scores(16).Tensor})
	},
	"images_dark": func() *Figure {
		return Images(strokes(7), Dark, Predictions{True: []int{0, 1, 2, 3, 4, 5, 6}, Scores: scores(7).Tensor, Classes: clothesNames})
	},
	"images_captions": func() *Figure { return Images(strokes(3), Captions{"one", "two", "a caption that is far too long"}) },
	"images_0":        func() *Figure { return Images([]image.Image{}) },
	"filters":         func() *Figure { return Filters(kernels(3, 1, 32), Title("First layer")) },
	"filters_dark":    func() *Figure { return Filters(kernels(5, 3, 6), Dark) },
	"histogram":       func() *Figure { return Histogram(normal(2000), Title("Weights"), Labels{"value", "count"}) },
	"histogram_log":   func() *Figure { return Histogram(normal(5000), LogY, Size{Height: 220}) },
	"histogram_whole": func() *Figure { return Histogram([]int{1, 1, 2, 3, 3, 3, 3, 5, 9}, Dark) },
	"bars":            func() *Figure { return Bars(nil, scores(4).row(3), Highlight(3), Title("Probabilities")) },
	"bars_signs": func() *Figure {
		return Bars([]string{"up", "down", "a longer name", "broken"}, []float64{2, -1.5, 0.25, math.NaN()})
	},
	"bars_long": func() *Figure {
		return Bars([]string{"a name that goes on and on about the class that it belongs to, far beyond what a card has room for, and ends", "b", ""},
			[]float64{1e-9, 2e-9, -3e-9}, Labels{X: "value"})
	},
	"lines_legend": func() *Figure {
		var series []Series
		for i := range 10 {
			y := wave(40)
			for j := range y {
				y[j] += float64(i)
			}
			series = append(series, Series{Name: "digit " + strconv.Itoa(i), Y: y})
		}
		return Lines(series, Title("Ten lines"))
	},
	"lines_offset": func() *Figure {
		var s Series
		for i, v := range wave(50) {
			s.X, s.Y = append(s.X, 1.7e9+60*float64(i)), append(s.Y, 1000+v*1e-4)
			s.Low, s.High = append(s.Low, 1000+v*1e-4-2e-5), append(s.High, 1000+v*1e-4+3e-5)
		}
		return Lines([]Series{s}, Labels{"time", "value"})
	},
	"lines_100": func() *Figure {
		var series []Series
		for i := range 100 {
			series = append(series, Series{Name: "run " + strconv.Itoa(i), Y: []float64{float64(i), float64(i % 7)}})
		}
		return Lines(series)
	},
	"lines_edges": func() *Figure { // numbers below the axis that are wide, and have an offset, without a word at the axis
		minutes := make([]float64, 60)
		for i := range minutes {
			minutes[i] = 1.7e18 + 1e6*float64(i)
		}
		return Beside([]*Figure{Line(minutes, wave(60), Size{400, 220}), Line([]float64{0, 999_999}, []float64{-1e7, 999_999}, Size{400, 220}),
			Scatter([]float64{1_000_000, 1_002_000}, []int{1, 2}, ColorBy{Values: []int{4, 5}}, Size{400, 220})}, Columns(2))
	},
	"cloud": func() *Figure { return Scatter(normal(2500), noise(2500), Title("2,500 points")) },
	"colored": func() *Figure {
		x, y, z := normal(300), noise(300), make([]float64, 300)
		for i := range z {
			z[i] = 1000*x[i] + y[i]*10
		}
		z[3], z[4] = math.NaN(), math.Inf(1)
		return Scatter(x, y, ColorBy{z, "price of a house in thousands"}, Labels{"size", "age"}, Title("Houses"))
	},
	"colored_dark": func() *Figure {
		y := noise(6000)
		return Scatter(normal(6000), y, ColorBy{Values: y}, Dark)
	},
	"colored_offset": func() *Figure {
		times := wave(50)
		for i := range times {
			times[i] = 1.7e9 + 60*float64(i)
		}
		return Scatter(nil, wave(50), ColorBy{times, "time"}, Size{Height: 240})
	},
	"colored_names": func() *Figure {
		x, y := normal(150), make([]float64, 150)
		species := make([]string, 150)
		for i := range y {
			species[i] = []string{"setosa", "versicolor", "a name of a plant that is very long indeed and longer", "猫"}[i%4]
			y[i] = x[i]*0.3 + float64(i%4)
		}
		return Scatter(x, y, ColorBy{Values: species}, Title("Species"))
	},
	"log":     func() *Figure { return Line(nil, []float64{1e30, 3, 0.5, 0.4, 0, math.NaN(), 0.3}, LogY) },
	"letters": func() *Figure { return Bars([]string{"猫 cat", "Жук"}, []int{48000, 5}, Title("10⁻³ 犬")) },
	"lines": func() *Figure {
		x := normal(60)
		return Lines([]Series{{Name: "sine", Y: wave(60)}, {Name: "noise", Y: x, Points: true}}, Labels{"step", "value"}, Title("Lines"))
	},
}

// training is the history of a training that learns, then overfits.
func training(epochs int) *train.History {
	h := &train.History{Names: []string{"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds", "samples_per_second"},
		Values: map[string][]float64{}}
	r := rand.New(rand.NewPCG(1, 2))
	for e := range epochs {
		x := float64(e) / float64(max(epochs-1, 1)) * 9
		h.Epochs = append(h.Epochs, e+1)
		noise := r.NormFloat64() * 0.002
		for name, v := range map[string]float64{
			"loss": 0.22*math.Exp(-x/1.8) + 0.004, "accuracy": 0.998 - 0.06*math.Exp(-x/1.5),
			"val_loss": 0.09*math.Exp(-x/1.2) + 0.035 + 0.002*x + noise, "val_accuracy": 0.988 - 0.02*math.Exp(-x/1.5) - noise/4,
			"learning_rate": 1e-3, "seconds": 4.1, "samples_per_second": 14600,
		} {
			h.Values[name] = append(h.Values[name], v)
		}
	}
	return h
}

func withGaps(h *train.History) *train.History {
	for i := range h.Epochs {
		if i%2 == 1 {
			h.Values["val_loss"][i] = math.NaN()
		}
		if i > 3 && i < 7 {
			h.Values["loss"][i] = math.Inf(1)
		}
	}
	delete(h.Values, "val_accuracy")
	return h
}

func digits() *metric.ConfusionMatrix {
	m := many(10)
	for i := range m.Counts {
		m.Counts[i][i] = 955 + 7*i
	}
	m.Counts[4][9], m.Counts[7][2] = 21, 13
	return m
}

var clothesNames = []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}

func clothes() *metric.ConfusionMatrix {
	m := many(10)
	m.Classes = append([]string{}, clothesNames...)
	m.Classes[9] = "Ankle boot with a very long name"
	for i := range m.Counts {
		m.Counts[i][i] = 100 * i
	}
	m.Counts[0] = make([]int, 10)
	return m
}

// many is a confusion matrix of n classes with few mistakes.
func many(n int) *metric.ConfusionMatrix {
	r := rand.New(rand.NewPCG(3, uint64(n)))
	m := &metric.ConfusionMatrix{}
	for i := range n {
		m.Classes = append(m.Classes, strconv.Itoa(i))
		row := make([]int, n)
		for range n / 2 {
			row[r.IntN(n)] += r.IntN(5)
		}
		row[i] += 80 + r.IntN(40)
		m.Counts = append(m.Counts, row)
	}
	return m
}

// strokes are pictures as of digits: a grey stroke on black, [n,28,28,1].
func strokes(n int) *dl.Tensor {
	values := make([]float32, n*28*28)
	for i := range n {
		for y := range 28 {
			for x := range 28 {
				d := math.Hypot(float64(x)-14, float64(y)-14) - 4 - float64(i%5)
				bend := math.Abs(float64(x-y)) + float64(i%3)*float64(28-y)/4
				values[(i*28+y)*28+x] = float32(max(0, 1-min(math.Abs(d), bend)/2.5))
			}
		}
	}
	return dl.Of(values, n, 28, 28, 1)
}

// probabilities of ten classes, wrong for every fifth row.
type probabilities struct{ *dl.Tensor }

func scores(n int) probabilities {
	values := make([]float32, n*10)
	for i := range n {
		row, top := values[i*10:(i+1)*10], i%10
		if i%5 == 4 {
			top = (i + 5) % 10
		}
		rest := float32(0.02) + float32(i%4)*0.011
		for j := range row {
			row[j] = rest / 9
		}
		row[top] = 1 - rest
	}
	return probabilities{dl.Of(values, n, 10)}
}

func (p probabilities) row(i int) []float64 { return dl.Values[float64](p.Tensor)[i*10 : (i+1)*10] }

func kernels(size, channels, filters int) *dl.Tensor {
	r := rand.New(rand.NewPCG(5, 6))
	values := make([]float32, size*size*channels*filters)
	for i := range values {
		values[i] = float32(r.NormFloat64() * 0.2)
	}
	return dl.Of(values, size, size, channels, filters)
}

func normal(n int) []float64 {
	r := rand.New(rand.NewPCG(7, 8))
	values := make([]float64, n)
	for i := range values {
		values[i] = r.NormFloat64()
	}
	return values
}

func wave(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = math.Sin(float64(i) / 8)
	}
	return values
}

// checks is an image of two colours.
func checks(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.SetRGBA(i%w, i/w, []color.RGBA{{200, 30, 30, 255}, {255, 255, 255, 255}}[(i%w+i/w)%2])
	}
	return img
}
