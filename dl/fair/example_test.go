package fair_test

import (
	"fmt"
	"log"

	"modelbook/dl/fair"
)

// Two groups, of which one is selected more often and also more often rightly.
func ExampleMeasure() {
	d := fair.Decisions{
		Groups:   []string{"a", "a", "a", "a", "b", "b", "b", "b"},
		Outcomes: []bool{true, true, true, false, true, true, false, false},
		Scores:   []float64{0.9, 0.8, 0.6, 0.56, 0.7, 0.4, 0.3, 0.1},
	}
	r, err := fair.Measure(d, fair.Options{Samples: -1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(r)
	// Output:
	// group  people   true  selected  true positives  false positives  precision  accuracy  calibration error
	// a           4  0.750     1.000           1.000            1.000      0.750     0.750              0.315
	// b           4  0.500     0.250           0.500            0.000      1.000     0.750              0.325
	// all         8  0.625     0.625           0.800            0.333      0.800     0.750              0.320
	//
	// demographic parity  0.750
	// equal opportunity   0.500
	// equalized odds      1.000
	// predictive parity   0.250
	// calibration         0.010
	// disparate impact    0.250
	//
	// Outcomes are true for a share of 0.500 to 0.750 of the groups. Where these shares differ, predictive parity and equalized odds cannot hold together, nor calibration and equalized odds, unless no decision is wrong.
	// Nor can demographic parity hold with equalized odds, unless decisions have nothing to do with outcomes; it asks for wrong decisions in some group even of a model that knows every outcome.
}

// The weights are for data.WithWeights: in the weighted data outcomes are true for the same share of each group.
func ExampleReweigh() {
	weights, err := fair.Reweigh([]string{"a", "a", "a", "b", "b", "b"}, []bool{true, true, false, true, false, false})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(weights)
	// Output: [0.75 0.75 1.5 1.5 0.75 0.75]
}

func ExampleThresholds() {
	d := fair.Decisions{
		Groups:   []string{"a", "a", "a", "a", "b", "b", "b", "b"},
		Outcomes: []bool{true, true, true, false, true, false, false, false},
		Scores:   []float64{0.9, 0.8, 0.6, 0.55, 0.45, 0.4, 0.2, 0.1},
	}
	thresholds, err := fair.Thresholds(d, fair.EqualOpportunity)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(thresholds)
	decided, err := fair.Decide(d, thresholds)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(decided.Selected)
	// Output:
	// [{a 0.6} {b 0.45}]
	// [true true true false true false false false]
}
