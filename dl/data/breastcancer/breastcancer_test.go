package breastcancer

import (
	"fmt"
	"math"
	"testing"

	"modelbook/dl/data/table"
)

func Example() {
	fmt.Println(Table().GroupBy("diagnosis").Aggregate(table.Count(), table.Mean("mean_radius"), table.Mean("worst_concave_points")))
	fmt.Println(Load().Len(), Load().Spec().X, Load().Spec().Classes)
	// Output:
	//    diagnosis  count  mean_radius_mean  worst_concave_points_mean
	// 0  benign       357             12.15                    0.07444
	// 1  malignant    212             17.46                    0.18224
	// 2 rows, 4 columns
	// 569 [30] [benign malignant]
}

// The values are scikit-learn's: load_breast_cancer().data.mean(0), and some of its rows.
func TestValues(t *testing.T) {
	means := []float64{14.127291739894552, 19.289648506151142, 91.96903339191563, 654.8891036906855, 0.09636028119507908,
		0.10434098418277679, 0.0887993158172232, 0.04891914586994728, 0.18116186291739897, 0.06279760984182776,
		0.4051720562390158, 1.2168534270650264, 2.8660592267135327, 40.33707908611599, 0.007040978910369069,
		0.0254781388400703, 0.031893716344463974, 0.011796137082601054, 0.02054229876977153, 0.0037949038664323374,
		16.269189806678384, 25.677223198594024, 107.26121265377856, 880.5831282952548, 0.13236859402460457,
		0.2542650439367311, 0.27218848330404216, 0.11460622319859404, 0.2900755711775044, 0.08394581722319859}
	f := Table()
	columns := f.Columns()
	if f.Len() != 569 || len(columns) != len(means)+1 {
		t.Fatalf("%d rows, %d columns; want 569 and %d", f.Len(), len(columns), len(means)+1)
	}
	for i, mean := range means {
		sum := 0.0
		for _, v := range columns[i].Floats {
			sum += v
		}
		if math.Abs(sum/569-mean) > 1e-12*mean {
			t.Errorf("%s has the mean %v, want %v", columns[i].Name, sum/569, mean)
		}
	}
	for _, want := range []struct {
		row       int
		radius    float64
		last      float64
		diagnosis string
	}{{0, 17.99, 0.1189, "malignant"}, {100, 13.61, 0.07397, "malignant"}, {568, 7.76, 0.07039, "benign"}} {
		r := f.Row(want.row)
		if got := r.Float("mean_radius"); got != want.radius {
			t.Errorf("row %d: mean_radius %v, want %v", want.row, got, want.radius)
		}
		if got := r.Float("worst_fractal_dimension"); got != want.last {
			t.Errorf("row %d: worst_fractal_dimension %v, want %v", want.row, got, want.last)
		}
		if got := f.Column("diagnosis").Text(want.row); got != want.diagnosis {
			t.Errorf("row %d: %s, want %s", want.row, got, want.diagnosis)
		}
	}
}

// Class 1 is what is looked for.
func TestMalignantIsOne(t *testing.T) {
	s := Load()
	if c := s.Spec().Classes; len(c) != 2 || c[1] != "malignant" {
		t.Fatalf("classes %v", c)
	}
}
