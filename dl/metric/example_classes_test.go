package metric_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/metric"
)

// Six samples of three classes: 0 0 1 1 2 2, predicted as 0 1 1 1 2 0.
var (
	probabilities = dl.Of([]float32{
		0.8, 0.1, 0.1,
		0.2, 0.5, 0.3,
		0.1, 0.8, 0.1,
		0.1, 0.6, 0.3,
		0.1, 0.2, 0.7,
		0.5, 0.3, 0.2,
	}, 6, 3)
	classes = dl.Of([]int32{0, 0, 1, 1, 2, 2})
)

// show prints what metrics measure of a batch.
func show(prediction, target *dl.Tensor, metrics ...metric.Metric) {
	for _, m := range metrics {
		meter := m.Start()
		meter.Add(prediction, target)
		fmt.Printf("%s %.4f\n", m.Name(), meter.Value())
	}
}

// Metrics go into a Trainer's field Metrics; by themselves they are used like this.
func ExampleMetric() {
	meter := metric.Accuracy{}.Start()
	meter.Add(probabilities, classes) // as many batches as there are
	fmt.Printf("%.4f\n", meter.Value())
	// Output: 0.6667
}

func ExampleAccuracy() {
	show(probabilities, classes, metric.Accuracy{}, metric.TopK{K: 2}, metric.BalancedAccuracy{}, metric.Hamming{})
	// Output:
	// accuracy 0.6667
	// top2 0.6667
	// balanced_accuracy 0.6667
	// hamming 0.3333
}

// Of several classes the mean over them is taken, unless one is picked, or Average says otherwise.
func ExampleF1() {
	show(probabilities, classes, metric.F1{}, metric.F1{Average: metric.Micro}, metric.F1{Average: metric.BySupport},
		metric.F1{Class: metric.Only(1)}, metric.Precision{}, metric.Recall{}, metric.FBeta{Beta: 0.5}, metric.Specificity{},
		metric.Jaccard{})

	meter := metric.F1{}.Start()
	meter.Add(probabilities, classes)
	fmt.Printf("by class %.4f\n", meter.(metric.PerClass).ByClass())
	// Output:
	// f1 0.6556
	// f1_micro 0.6667
	// f1_weighted 0.6556
	// f1_1 0.8000
	// precision 0.7222
	// recall 0.6667
	// f0.5 0.6825
	// specificity 0.8333
	// jaccard 0.5000
	// by class [0.5000 0.8000 0.6667]
}

// Each sample has any of three labels.
func ExamplePrecision_multiLabel() {
	p := dl.Of([]float32{0.9, 0.2, 0.6, 0.1, 0.8, 0.7}, 2, 3)
	labels := dl.Of([]int32{1, 0, 0, 0, 1, 1}, 2, 3)
	show(p, labels, metric.Precision{MultiLabel: true}, metric.F1{MultiLabel: true, Average: metric.BySample},
		metric.Hamming{MultiLabel: true}, metric.ExactMatch{})
	// Output:
	// precision 0.8333
	// f1_samples 0.8333
	// hamming 0.1667
	// exact_match 0.5000
}

func ExampleThreshold() {
	logits := dl.Of([]float32{-1.5, 0.3, 2, -0.2})
	show(logits, dl.Of([]int32{0, 1, 1, 1}), metric.Threshold{Metric: metric.Recall{}})
	// Output: recall 0.6667
}

func ExampleWeighted() {
	meter := metric.Weighted{Metric: metric.Accuracy{}}.Start()
	meter.(metric.Weigher).AddWeighted(probabilities, classes, dl.Of([]float32{1, 0, 1, 1, 1, 4}))
	fmt.Printf("%.4f\n", meter.Value())
	// Output: 0.5000
}

// Agreement beyond chance. Of classes that have an order, a near miss may count less.
func ExampleCohenKappa() {
	show(probabilities, classes, metric.MCC{}, metric.CohenKappa{}, metric.CohenKappa{Weighting: metric.Quadratic})
	// Output:
	// mcc 0.5222
	// kappa 0.5000
	// kappa_quadratic 0.2857
}

// A picture of four places, three classes.
func ExampleMeanIoU() {
	p := probabilities.Slice(0, 0, 4).Reshape(1, 2, 2, 3)
	show(p, dl.Of([]int32{0, 0, 1, 255}, 1, 2, 2), metric.MeanIoU{Ignore: metric.Only(255)}, metric.Dice{Ignore: metric.Only(255)})
	// Output:
	// mean_iou 0.5000
	// dice 0.6667
}

func ExampleConfusionMatrix_Report() {
	c := metric.NewConfusionMatrix("cat", "dog", "owl")
	c.Add(probabilities, classes)
	fmt.Println(c.Report())
	// Output:
	//               precision  recall      f1  support
	// cat              0.5000  0.5000  0.5000        2
	// dog              0.6667  1.0000  0.8000        2
	// owl              1.0000  0.5000  0.6667        2
	// accuracy                         0.6667        6
	// macro avg        0.7222  0.6667  0.6556        6
	// weighted avg     0.7222  0.6667  0.6556        6
}

// Two machines measure halves of the data; their states are added.
func ExampleMerger() {
	one, other := metric.F1{}.Start().(metric.Merger), metric.F1{}.Start().(metric.Merger)
	one.Add(probabilities.Slice(0, 0, 3), classes.Slice(0, 0, 3))
	other.Add(probabilities.Slice(0, 3, 6), classes.Slice(0, 3, 6))
	if err := one.Merge(other.State()); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%.4f\n", one.Value())
	// Output: 0.6556
}
