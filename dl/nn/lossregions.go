package nn

import "modelbook/dl"

// Losses of regions, for segmentation: outputs are probabilities and targets 0 or 1 (or shares), of the same shape [N, ...],
// and the value of a sample counts all its places. Samples without a region that is found nowhere have the value 0.
var (
	// Dice is 1 - (2*|both| + Smooth)/(|output| + |target| + Smooth) (Milletari et al., 2016).
	Dice = Loss{Name: "dice", values: dice, uses: "Smooth"}

	// Tversky is 1 - |both|/(|both| + Alpha*|output alone| + Beta*|target alone|) (Salehi et al., 2017), with Alpha and Beta
	// of 0.5 by default, as in Keras: that is Dice.
	Tversky = Loss{Name: "tversky", values: tversky, uses: "Alpha Beta Smooth"}

	// Jaccard is 1 - |both|/|either|, the intersection over union.
	Jaccard = Loss{Name: "jaccard", values: jaccard, uses: "Smooth"}
)

func dice(output, target *dl.Tensor, _ bool, o LossOptions) *dl.Tensor {
	return region("nn.Dice", output, target, 0.5, 0.5, positiveOr(o.Smooth, nearZero)/2)
}

func jaccard(output, target *dl.Tensor, _ bool, o LossOptions) *dl.Tensor {
	return region("nn.Jaccard", output, target, 1, 1, positiveOr(o.Smooth, nearZero))
}

func tversky(output, target *dl.Tensor, _ bool, o LossOptions) *dl.Tensor {
	return region("nn.Tversky", output, target, positiveOr(o.Alpha, 0.5), positiveOr(o.Beta, 0.5), positiveOr(o.Smooth, nearZero))
}

func region(name string, output, target *dl.Tensor, alpha, beta, small float64) *dl.Tensor {
	sameShape(name, output, target)
	if output.Rank() == 0 {
		dl.PanicShape(name, "outputs are [N, ...]", output)
	}
	for i, p := range floats(output) {
		if !(p >= 0 && p <= 1) {
			dl.PanicValue(name, "the output %v at place %d is not a probability: end the model in nn.Sigmoid or nn.Softmax", p, i)
		}
	}
	probableTargets(name, target)
	p, t := output.Reshape(output.Dim(0), -1), target.To(output.DType()).Reshape(output.Dim(0), -1)
	both := p.Mul(t).Sum(-1)
	alone := p.Sum(-1).Sub(both).MulScalar(alpha).Add(t.Sum(-1).Sub(both).MulScalar(beta))
	return both.AddScalar(small).Div(both.Add(alone).AddScalar(small)).Neg().AddScalar(1)
}
