package plotting_test

import (
	"fmt"
	"log"
	"math"
	"strings"
	"time"

	"modelbook/dl"
	"modelbook/dl/fair"
	"modelbook/dl/nn"
	"modelbook/dl/train"
	"modelbook/plotting"
)

// In a notebook the figure is shown; in a terminal it is printed.
func ExampleROC() {
	scores, labels := []float64{0.1, 0.3, 0.35, 0.6, 0.8, 0.9}, []int{0, 0, 1, 0, 1, 1}
	fmt.Println(plotting.ROC([]plotting.Scored{{Name: "model", Scores: scores, Labels: labels}}))
	// Output:
	// ROC: model  area 0.8889
	//   1 ┤                    ⡏⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠁
	//     ┤                    ⡇
	//     ┤⡠⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠃
	//     ┤⡇
	//     ┤⡇
	//     ┤⡇
	//     ┤⡇
	//   0 ┤⡇
	//      0                                                          1
}

func ExamplePrecisionRecall() {
	scores, labels := []float64{0.1, 0.3, 0.35, 0.6, 0.8, 0.9}, []int{0, 0, 1, 0, 1, 1}
	fmt.Println(plotting.PrecisionRecall([]plotting.Scored{{Name: "model", Scores: scores, Labels: labels}}))
	// Output:
	// precision and recall: model  AP 0.9167; chance has precision 0.5000
	//   1 ┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⢹
	//     ┤                                       ⢸
	//     ┤                                       ⠸⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⢱
	//     ┤                                                           ⢸
	//     ┤                                                           ⠈
	//     ┤
	//     ┤
	//   0 ┤
	//      0                                                          1
}

func ExampleCalibration() {
	scores, labels := []float64{0.1, 0.2, 0.25, 0.6, 0.8, 0.9}, []int{0, 0, 1, 0, 1, 1}
	fmt.Println(plotting.Calibration([]plotting.Scored{{Name: "model", Scores: scores, Labels: labels}}, plotting.Bins(2)))
	// Output:
	// calibration
	//   model  error 0.1250
	//     0.183 came true 0.333 of 3 samples
	//     0.767 came true 0.667 of 3 samples
}

func ExampleDensities() {
	fmt.Println(plotting.Densities([]plotting.Group{{"short", []float64{1, 2, 2, 3}}, {"long", []float64{4, 6, 7, 9}}}))
	// Output:
	// densities of 2 groups
	//   short: 4 values, median 2.000, quartiles 1.750 and 2.250, from 1.000 to 3.000
	//   long: 4 values, median 6.500, quartiles 5.500 and 7.500, from 4.000 to 9.000
	//   0.4097 ┤         ⢠⠞⠉⠳⡄
	//          ┤        ⣰⠃   ⠘⣆
	//          ┤       ⡰⠁     ⠈⣆
	//          ┤      ⡰⠁       ⠈⢆
	//          ┤     ⡰⠁         ⠘⢆          ⢀⣀⣀⣀⣀⣀⡀
	//          ┤    ⡴⠁           ⠈⢆ ⣀⡠⠤⠖⠒⠊⠉⠉⠁     ⠉⠉⠉⠓⠒⠦⠤⣄⣀
	//          ┤  ⢀⡜⠁        ⢀⣀⡤⠴⠒⠊⢫⡀                     ⠈⠉⠓⠲⠤⣄⣀
	//        0 ┤⠤⠖⢋⣀⣀⡠⠤⠤⠤⠔⠒⠚⠉⠉      ⠙⠢⠤                          ⠉⠉⠒⠒⠦⠤⠤⠤⣄⣀⣀
	//           −0.5470                                                12.94
}

func ExampleBoxes() {
	fmt.Println(plotting.Boxes([]plotting.Group{{"short", []float64{1, 2, 2, 3, 9}}, {"long", []float64{4, 6, 7, 9}}}))
	// Output:
	// boxes of 2 groups
	//   short  ─────┃█████                            ∘  5 values, median 2.000, quartiles 2.000 and 3.000, from 1.000 to 9.000
	//   long                  ───────█████┃█████───────  4 values, median 6.500, quartiles 5.500 and 7.500, from 4.000 to 9.000
}

func ExampleViolins() {
	fmt.Println(plotting.Violins([]plotting.Group{{"short", []float64{1, 2, 2, 3}}, {"long", []float64{4, 6, 7, 9}}}, plotting.Bandwidth(0.5)))
	// Output:
	// violins of 2 groups
	//   short  ───██┃█────                               4 values, median 2.000, quartiles 1.750 and 2.250, from 1.000 to 3.000
	//   long                  ───────█████┃█████───────  4 values, median 6.500, quartiles 5.500 and 7.500, from 4.000 to 9.000
}

func ExampleTradeoffs() {
	groups := []string{"a", "a", "a", "a", "b", "b", "b", "b"}
	outcomes := []bool{true, true, true, false, true, false, false, false}
	scores := []float64{0.9, 0.8, 0.6, 0.55, 0.45, 0.4, 0.2, 0.1}
	d := fair.Decisions{Groups: groups, Outcomes: outcomes, Scores: scores}
	thresholds, err := fair.Thresholds(d, fair.EqualOpportunity)
	if err != nil {
		log.Fatal(err)
	}
	other, err := fair.Decide(d, thresholds)
	if err != nil {
		log.Fatal(err)
	}
	points, err := fair.Tradeoffs([]string{"one threshold", "by group"}, []fair.Decisions{d, other})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.SplitN(plotting.Tradeoffs(points).String(), "\n", 2)[0])
	for _, p := range points {
		fmt.Printf("%s: accuracy %.3f, equal opportunity %.2f\n", p.Name, p.Accuracy, p.Values[fair.EqualOpportunity])
	}
	// Output:
	// 6 figures
	// one threshold: accuracy 0.750, equal opportunity 1.00
	// by group: accuracy 1.000, equal opportunity 0.00
}

func ExampleGroupedBars() {
	fmt.Println(plotting.GroupedBars([]string{"digits", "letters"}, []plotting.BarSeries{
		{Name: "linear", Values: []float64{0.91, 0.75}, Errors: []float64{0.01, 0.02}},
		{Name: "network", Values: []float64{0.98, 0.88}},
	}))
	// Output:
	// bars of 2 series in 2 groups
	//   digits linear 0.9100 ± 0.01000
	//   letters linear 0.7500 ± 0.02000
	//   digits network 0.9800
	//   letters network 0.8800
}

func ExampleHeatmap() {
	fmt.Println(plotting.Heatmap([][]float64{{1, -2}, {0.5, 3}}, plotting.Centred, plotting.Names{Rows: []string{"up", "down"}, Columns: []string{"left", "right"}}))
	// Output:
	// heat map of 2 × 2
	//           left   right
	//   up     1.000  −2.000
	//   down   0.500   3.000
}

func ExampleCorrelation() {
	houses := [][]float64{{50, 1, 30}, {80, 2, 12}, {120, 4, 25}, {70, 2, 8}}
	fmt.Println(plotting.Correlation(plotting.ColumnsOf(houses, "size", "rooms", "age")))
	// Output:
	// correlations of 3 × 3
	//           size  rooms    age
	//   size    1.00   0.99   0.02
	//   rooms   0.99   1.00   0.03
	//   age     0.02   0.03   1.00
}

func ExamplePairs() {
	flowers := [][]float64{{5.1, 3.5}, {4.9, 3}, {7, 3.2}, {6.4, 3.1}}
	fmt.Println(plotting.Pairs(plotting.ColumnsOf(flowers, "length", "width"), plotting.ColorBy{Values: []string{"setosa", "setosa", "versicolor", "versicolor"}}))
	// Output:
	// pair plot of length, width (4 samples)
	//   length: 4 values, median 5.750, quartiles 5.050 and 6.550, from 4.900 to 7.000
	//   width: 4 values, median 3.150, quartiles 3.075 and 3.275, from 3.000 to 3.500
}

func ExampleCompareRuns() {
	history := func(losses ...float64) *train.History {
		return &train.History{Epochs: []int{1, 2, 3}, Names: []string{"loss"}, Values: map[string][]float64{"loss": losses}}
	}
	fmt.Println(plotting.CompareRuns([]plotting.TrainingRun{{"rate 0.1", history(2, 1.2, 1.1)}, {"rate 0.01", history(2, 1.8, 1.7)}}))
	// Output:
	// 2 trainings compared
	//   loss
	//     rate 0.1: best 1.100, epoch 3  █▁▁
	//     rate 0.01: best 1.700, epoch 3  █▃▁
}

func ExampleSmoothing() {
	fmt.Println(plotting.Line(nil, []float64{3, 1, 2, 0, 1, 0}, plotting.Smoothing(0.6)))
	// Output:
	// graph of 1 series, 6 points
	//   3.000 ┤⠑⠢⢄⡀
	//         ┤   ⠈⠑⠢⣀
	//         ┤       ⠉⠒⠤⣀
	//         ┤           ⠉⠐⠒⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉⠈⠑⠒⠤⣀⡀
	//         ┤                             ⠈⠉⠒⠤⢄⣀
	//         ┤                                   ⠉⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠂⠒⠒⠢⠤⠤⣀⣀⡀
	//         ┤                                                       ⠈⠉⠉⠑⠂
	//       0 ┤
	//          0                                                          5
}

func ExampleTimeSeries() {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	fmt.Println(plotting.TimeSeries([]plotting.TimedSeries{
		{Name: "sold", Times: []time.Time{day(1), day(2), day(3)}, Values: []int{10, 12, 11}},
		{Name: "expected", Times: []time.Time{day(4), day(5)}, Values: []float64{13, 14}, Low: []float64{11, 10}, High: []float64{15, 18}, Forecast: true},
	}))
	// Output:
	// time series of 2 lines, 1 Mar 2026 – 5 Mar 2026
	//   sold: last 11.00
	//   expected: last 14.00 (10.00 to 18.00)
	//   18 ┤
	//      ┤
	//      ┤
	//      ┤
	//      ┤                                            ⢀⣀⣀⣀⠤⠤⠤⠤⠒⠒⠒⠒⠉⠉⠉⠁
	//      ┤              ⢀⢀
	//      ┤       ⣀⣀⠤⠤⠒⠊⠉⠁ ⠉⠉⠉⠉⠒⠒⠒⠒⠤⠤⠤⢄⣀⣀
	//   10 ┤⣀⠤⠤⠒⠒⠉⠉
	//       1 Mar 2026                                        5 Mar 2026
}

// A model's Predict says on which side of a line points lie.
func ExampleBoundary() {
	predict := func(x *dl.Tensor) *dl.Tensor { return x.Sum(1).Sigmoid() }
	x := dl.Of([]float32{-1, -1, -2, 0, 1, 1, 2, 1}, 4, 2)
	fmt.Println(plotting.Boundary(predict, x, []int{0, 0, 1, 1}, plotting.Names{Rows: []string{"below", "above"}}))
	// Output:
	// decision boundary of 4 samples; 4 of 4 right (100 %)
	//    1.060 ┤                                            ⠂             ⠂
	//          ┤
	//          ┤
	//          ┤
	//          ┤ ⠈
	//          ┤
	//          ┤
	//   −1.060 ┤               ⠠
	//           −2.100                                                 2.100
}

func ExampleAttention() {
	weights := dl.Of([]float32{1, 0, 0.3, 0.7}, 2, 2)
	fmt.Println(plotting.Attention(weights, plotting.Names{Rows: []string{"the", "cat"}, Columns: []string{"the", "cat"}}))
	// Output:
	// attention of 1 head, 2 × 2, weights from 0 to 1.000
	//   head 0 looks most at: the→the cat→cat
}

func ExampleActivations() {
	layer := nn.Build(nn.Conv2D{Filters: 2, Kernel: [2]int{1, 1}, NoBias: true}, 2, 2, 1)
	layer.Weight.Value.CopyFrom(dl.Of([]float32{1, -1}, 1, 1, 1, 2))
	fmt.Println(plotting.Activations(layer.Forward(dl.Of([]float32{1, 2, 3, 4}, 1, 2, 2, 1))))
	// Output: 2 channels of 2×2, values from −4.000 to 4.000
}

func ExampleNorms() {
	layer := nn.Build(nn.Dense{Units: 1, NoBias: true}, 2)
	layer.Weight.Value.CopyFrom(dl.Of([]float32{3, 4}, 2, 1))
	layer.Forward(dl.Of([]float32{1, 0}, 1, 2)).Sum().Backward()
	fmt.Println(plotting.Norms(layer))
	// Output:
	// norms of the weights and gradients of 1 parameter
	//   weight  weights      5.000  gradient      1.000  0.2
}

func ExampleEmbedding() {
	points := dl.Of([]float32{0, 0, 1, 2, 4, 1}, 3, 2)
	fmt.Println(plotting.Embedding(points, plotting.ColorBy{Values: []string{"cat", "cat", "dog"}}))
	// Output:
	// graph of 2 series, 3 points
	//     2.816 ┤
	//           ┤               ⢀
	//           ┤
	//           ┤                                                          ⢀
	//           ┤
	//           ┤
	//           ┤ ⠁
	//   −0.8163 ┤
	//            −0.06400                                               4.064
}

func ExampleHeatOverlay() {
	picture, heat := dl.Zeros(1, 28, 28), dl.Of([]float32{0, 0, 0, 1}, 1, 2, 2)
	fmt.Println(plotting.HeatOverlay(picture, heat))
	// Output:
	// heat over 1 image
	//   image 0: hottest at 75 % from the left, 75 % from the top
}

func ExampleLearningRates() {
	curve := &train.RateCurve{Diverged: true}
	for i := range 35 {
		curve.Rates = append(curve.Rates, 1e-6*math.Pow(10, float64(i)/5))
		curve.Losses = append(curve.Losses, []float64{2, 2, 2, 1.9, 1.5, 1, 50}[i/5])
	}
	fmt.Println(plotting.LearningRates(curve))
	// Output:
	// learning rates: 35 rates from 1e-06 to 6.3, where the loss diverged; suggested: 0.025 (steepest at 0.063, a tenth of the minimum's 0.01); 5 larger losses not drawn, up to 50.00
	//   2 ┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠁⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠢⢄⢀⣀⣀⣀⣀⣀⣀⣀⡀
	//     ┤                                       ⢱
	//     ┤                                        ⢇
	//     ┤                                        ⠘⡄
	//     ┤                                         ⠈⠉⠉⠉⠉⠉⠉⠉⢱
	//     ┤                                                  ⡇
	//     ┤                                                  ⢸
	//   1 ┤                                                   ⡇⣀⣀⣀⣀⣀⣀⣀⣀
	//      1e−6                                                  0.6310
}

func ExampleHistogram() {
	fmt.Println(plotting.Histogram([]float64{1, 2, 2, 3, 3.5, 4, 7}, plotting.KDE, plotting.Bins(6)))
	// Output:
	// histogram of 7 values, mean 3.214, standard deviation 1.810
	//   1 ▄██▄ ▄ 7
}
