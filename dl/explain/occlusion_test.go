package explain

import (
	"math"
	"testing"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// Of a model that weighs pixels, covering a square takes their weights times their values away, less those of what covers.
func TestOcclusionOfAWeighedSum(t *testing.T) {
	dl.Seed(1)
	m, err := nn.Sequential(dl.Shape{5, 7, 2}, nn.Flatten{}, nn.Dense{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	x := dl.NewRand(2).Normals(0, 1, 2, 5, 7, 2)
	classes := []int{2, 0}
	const size, stride, fill = 3, 2, 0.25
	got := Occlusion(m, x, classes, OcclusionOptions{Size: size, Stride: stride, Fill: fill})
	weights := m.Parameter("dense.weight").Value // [70, 3]
	for i, class := range classes {
		for y := range 5 {
			for px := range 7 {
				sum, squares := 0.0, 0.0
				for _, top := range []int{0, 2} {
					for _, left := range []int{0, 2, 4} {
						if y < top || y >= top+size || px < left || px >= left+size {
							continue
						}
						squares++
						for r := top; r < top+size; r++ {
							for c := left; c < left+size; c++ {
								for k := range 2 {
									sum += weights.At((r*7+c)*2+k, class) * (x.At(i, r, c, k) - fill)
								}
							}
						}
					}
				}
				if want := sum / squares; math.Abs(got.At(i, y, px)-want) > 1e-4 {
					t.Errorf("picture %d, pixel %d, %d: %v, want %v", i, y, px, got.At(i, y, px), want)
				}
			}
		}
	}
}

// The classes left out are those that are predicted, of one column too, and a large picture takes several batches.
func TestOcclusionOfPredictedClasses(t *testing.T) {
	for _, outputs := range []int{3, 1} {
		m := small(t, outputs)
		x := dl.NewRand(4).Normals(0, 1, 3, 6, 6, 2)
		classes := make([]int, 3)
		for i := range classes {
			p := m.Predict(x.Slice(0, i, i+1))
			if classes[i] = int(p.ArgMax(1).Item()); outputs == 1 && p.Item() > 0.5 {
				classes[i] = 1
			}
		}
		if !Occlusion(m, x, nil, OcclusionOptions{}).Equal(Occlusion(m, x, classes, OcclusionOptions{Size: 1, Stride: 1})) {
			t.Errorf("%d outputs: of no classes it is not that of the predicted ones", outputs)
		}
	}
	m, err := nn.Sequential(dl.Shape{20, 20, 1}, nn.GlobalAvgPool2D{}, nn.Dense{Units: 1, WeightInit: nn.Ones})
	if err != nil {
		t.Fatal(err)
	}
	heat := Occlusion(m, dl.Full(4, 1, 20, 20, 1), []int{1}, OcclusionOptions{Size: 2, Stride: 1}) // 361 squares
	if lo, hi := heat.Min().Item(), heat.Max().Item(); math.Abs(lo-0.04) > 1e-6 || math.Abs(hi-0.04) > 1e-6 {
		t.Errorf("4 of 400 pixels are covered everywhere, which is 0.04 of the mean: from %v to %v", lo, hi)
	}
}
