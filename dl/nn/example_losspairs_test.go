package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// Losses of pairs: which belong together is the target.
func ExampleContrastive() {
	a, b := dl.Of([]float32{1, 0, 1, 0}, 2, 2), dl.Of([]float32{0.8, 0.6, 0, 1}, 2, 2)
	together := dl.Of([]int32{1, -1})
	fmt.Printf("%.3f\n", nn.Contrastive{Margin: 2}.Of(a, b, together).Item())
	fmt.Printf("%.3f\n", nn.CosineEmbedding{}.Of(a, b, together).Item())
	fmt.Printf("%.3f\n", nn.CosineSimilarity.Compute(a, b, false, nil).Item())
	// Output:
	// 0.372
	// 0.100
	// -0.400
}

// The first score is to be the larger one.
func ExampleMarginRanking() {
	first, second := dl.Of([]float32{0.9, 0.2}), dl.Of([]float32{0.1, 0.5})
	fmt.Printf("%.2f\n", nn.MarginRanking{Margin: 0.1}.Of(first, second, dl.Of([]int32{1, 1})).Item())
	// Output: 0.20
}

// An anchor is to be nearer to what is like it.
func ExampleTriplet() {
	anchor, like, other := dl.Of([]float32{0, 0}, 1, 2), dl.Of([]float32{3, 4}, 1, 2), dl.Of([]float32{0, 2}, 1, 2)
	fmt.Printf("%.2f\n", nn.Triplet{Margin: 0.5}.Of(anchor, like, other).Item())

	all := dl.Concat(0, anchor, like, other)
	fmt.Printf("%.2f\n", nn.TripletSemiHard{}.Of(all, dl.Of([]int32{0, 0, 1})).Item())
	// Output:
	// 3.50
	// 3.20
}

// Each query is to find the key of its row.
func ExampleInfoNCE() {
	images, texts := dl.Of([]float32{1, 0, 0, 1}, 2, 2), dl.Of([]float32{0.9, 0.1, 0.2, 0.8}, 2, 2)
	fmt.Printf("%.3f\n", nn.InfoNCE{Temperature: 0.5, Symmetric: true}.Of(images, texts).Item())
	fmt.Printf("%.3f\n", nn.NTXent{}.Of(images, texts).Item())
	// Output:
	// 0.183
	// 0.344
}

// Two labels somewhere in a sequence of four steps, of three classes, the first of which is the blank.
func ExampleCTC() {
	logits := dl.NewRand(1).Normals(0, 1, 1, 4, 3).RequireGrad()
	labels := dl.Of([]int32{1, 2}, 1, 2)
	o := nn.CTC{}
	before := o.Of(logits, labels, nil, nil)
	before.Backward()
	after := o.Of(logits.Detach().Sub(logits.Grad()), labels, nil, nil)
	fmt.Println(after.Item() < before.Item())
	// Output: true
}
