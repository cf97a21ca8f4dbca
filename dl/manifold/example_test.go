package manifold_test

import (
	"context"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/manifold"
)

// Points near a line in the plane differ most along it.
func ExamplePCA() {
	x := dl.FromSlices([][]float64{{1, 2}, {2, 4}, {3, 6}, {4, 8.1}})
	found, err := manifold.PCA{Components: 1}.Fit(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f of the variance, along %.2f\n", found.Ratio[0], dl.Values[float64](found.Components))
	// Output: 1.000 of the variance, along [0.44 0.90]
}

// Two clouds in ten dimensions stay two clouds in the plane; plotting.Embedding draws them.
func ExampleTSNE() {
	r := dl.NewRand(1)
	x := dl.Concat(0, r.Normals(0, 1, 20, 10), r.Normals(6, 1, 20, 10))
	layout, err := manifold.TSNE{Perplexity: 8, Iterations: 500}.Embed(context.Background(), x)
	if err != nil {
		fmt.Println(err)
		return
	}
	one, other := layout.Points.Slice(0, 0, 20), layout.Points.Slice(0, 20, 40)
	far := one.Mean(0).Sub(other.Mean(0)).Norm(2).Item()
	wide := one.Sub(one.Mean(0)).Abs().Max().Item()
	fmt.Println(layout.Points.Shape(), "apart:", far > wide)
	// Output: [40 2] apart: true
}
