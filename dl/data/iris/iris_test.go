package iris

import (
	"fmt"
	"math"
	"testing"

	"modelbook/dl/data/table"
)

func Example() {
	fmt.Println(Table().GroupBy("species").Aggregate(table.Count(), table.Mean("petal_length"), table.Mean("petal_width")))
	fmt.Println(Load().Len(), Load().Spec().Classes)
	// Output:
	//    species     count  petal_length_mean  petal_width_mean
	// 0  setosa         50              1.462            0.2460
	// 1  versicolor     50              4.260            1.3260
	// 2  virginica      50              5.552            2.0260
	// 3 rows, 4 columns
	// 150 [setosa versicolor virginica]
}

// The values are scikit-learn's: load_iris().data.mean(0), .std(0), and rows 34 and 37, in which copies differ.
func TestValues(t *testing.T) {
	f := Table()
	means := []float64{5.843333333333334, 3.0573333333333337, 3.7580000000000005, 1.1993333333333336}
	for i, c := range f.Columns()[:4] {
		sum := 0.0
		for _, v := range c.Floats {
			sum += v
		}
		if math.Abs(sum/150-means[i]) > 1e-12 {
			t.Errorf("%s has the mean %v, want %v", c.Name, sum/150, means[i])
		}
	}
	for i, want := range map[int][4]float64{34: {4.9, 3.1, 1.5, 0.2}, 37: {4.9, 3.6, 1.4, 0.1}} {
		for k, v := range want {
			if got := f.Columns()[k].Floats[i]; got != v {
				t.Errorf("row %d column %d: %v, want %v", i, k, got, v)
			}
		}
	}
}
