package privacy_test

import (
	"context"
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/privacy"
	"modelbook/dl/train"
)

// How private is the published training of MNIST: 60 epochs of batches of 256 out of 60,000 images, with a noise of
// 1.1?
func ExampleEpsilon() {
	steps := privacy.Steps{Rate: 256. / 60000, Noise: 1.1, Count: 60 * 60000 / 256}
	fmt.Printf("epsilon %.2f for a delta of 1e-5\n", privacy.Epsilon(steps, 1e-5))
	// Output: epsilon 2.60 for a delta of 1e-5
}

// How much noise do ten epochs need to stay within epsilon 2?
func ExampleNoise() {
	noise, err := privacy.Noise(0.01, 10*100, 2, 1e-5)
	fmt.Printf("%.2f %v\n", noise, err)
	// Output:
	// 1.02 <nil>
}

// Several trainings of the same data add up.
func ExampleAccountant() {
	var a privacy.Accountant
	a.Add(privacy.Steps{Rate: 0.01, Noise: 1.1, Count: 1000})
	fmt.Printf("%.2f\n", a.Epsilon(1e-5))
	a.Add(privacy.Steps{Rate: 0.02, Noise: 2, Count: 500})
	fmt.Printf("%.2f, delta of epsilon 3: %.0e\n", a.Epsilon(1e-5), a.Delta(3))
	// Output:
	// 1.71
	// 1.99, delta of epsilon 3: 2e-09
}

func ExampleDivergence() {
	fmt.Printf("%.4f %.4f\n", privacy.Divergence(0.01, 1, 8), privacy.Divergence(1, 2, 8))
	// Output:
	// 0.0009 1.0000
}

// ring are points inside and outside of a circle.
func ring(n int) data.Dataset {
	x := dl.NewRand(1).Uniforms(-1, 1, n, 2)
	labels := make([]int32, n)
	for i, v := 0, x.Float32s(); i < n; i++ {
		if math.Hypot(float64(v[2*i]), float64(v[2*i+1])) < 0.77 {
			labels[i] = 1
		}
	}
	return data.FromTensors(x, dl.Of(labels))
}

// A Trainer fits with privacy in the place of its own Fit. The noise is chosen so that ten epochs spend an epsilon
// of 2.
func ExampleDPSGD() {
	dl.Seed(1)
	model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 16, Activation: nn.Tanh}, nn.Dense{Units: 2, Activation: nn.Softmax})
	if err != nil {
		fmt.Println(err)
		return
	}
	trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 0.02}}
	private := &privacy.DPSGD{Epsilon: 2, Delta: 1e-4}
	history, err := private.Fit(context.Background(), trainer, ring(2000), train.Options{Epochs: 10, BatchSize: 200})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("noise %.2f, epsilon %.1f after one epoch, %.1f after ten\n", private.Noise, history.Get("epsilon")[0], history.Last("epsilon"))
	fmt.Println("learned:", history.Last("loss") < history.Get("loss")[0])
	// Output:
	// noise 2.15, epsilon 0.7 after one epoch, 2.0 after ten
	// learned: true
}

// The norms of the gradients of single samples show which of them a model has most to learn from.
func ExampleNorms() {
	dl.Seed(1)
	model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 1, WeightInit: nn.Zeros})
	if err != nil {
		fmt.Println(err)
		return
	}
	x, y := dl.Of([]float32{0, 0, 1, 0, 3, 4}, 3, 2), dl.Of([]float32{1, 1, 1}, 3, 1)
	values := nn.MSE.Values(model.Forward(x), y, false)
	fmt.Printf("%.3f\n", privacy.Norms(values, model)) // 2*|(1, x)|
	// Output: [2.000 2.828 10.198]
}

// Which samples was a model trained with? Their losses tell.
func ExampleAttackLosses() {
	m, err := privacy.AttackLosses([]float64{0.01, 0.02, 0.3, 0.9}, []float64{0.1, 0.5, 1.2, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m)
	fmt.Printf("an epsilon of 1 allows an advantage of at most %.2f\n", privacy.MostAdvantage(1, 1e-5))
	// Output:
	// membership by loss: AUC 0.812, advantage 0.500, 50.0 % found at 1 % false alarms (4 and 4 samples)
	// an epsilon of 1 allows an advantage of at most 0.46
}
