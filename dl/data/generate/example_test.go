package generate_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/data/generate"
)

func ExampleMoons() {
	moons := generate.Moons(200, 0.1, dl.NewRand(42))
	training, test, err := data.StratifiedSplit(moons, 0.25, dl.NewRand(1))
	fmt.Println(moons.Spec().X, training.Len(), test.Len(), err)
	// Output: [2] 150 50 <nil>
}

func ExampleClasses() {
	d := generate.Classes{Features: 6, Informative: 3, Classes: 4, Clusters: 1}.Classification(100, dl.NewRand(1))
	labels, _ := data.Labels(d)
	counts := make([]int, 4)
	for _, c := range labels {
		counts[c]++
	}
	fmt.Println(d.Spec().X, counts)
	// Output: [6] [25 25 25 25]
}

func ExampleRegression() {
	d, coefficients := generate.Regression(50, 3, 1, 0, dl.NewRand(1))
	informative := 0
	for _, c := range coefficients {
		if c != 0 {
			informative++
		}
	}
	fmt.Println(d.Spec().X, d.Spec().Y, informative)
	// Output: [3] [1] 1
}
