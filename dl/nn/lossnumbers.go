package nn

import (
	"math"

	"modelbook/dl"
)

// Losses of numbers. Outputs and targets have the same shape; the value of a sample or place is the mean over the last
// axis.
var (
	// MAPE is the mean of the absolute differences in per cent of the target, as Keras's; targets nearer to 0 than 1e-7
	// count as 1e-7.
	MAPE = Loss{Name: "mape", values: percentages}

	// MSLE is the mean of the squared differences of ln(1+x), as Keras's; what is below 1e-7 counts as that.
	MSLE = Loss{Name: "msle", values: logSquares}

	// LogCosh is the mean of ln(cosh(d)) of the differences: half their square where they are small, their absolute value
	// less ln 2 where they are large.
	LogCosh = Loss{Name: "log_cosh", values: logCosh}

	// SmoothL1 is Huber divided by Options.Delta, as PyTorch's, which calls it beta.
	SmoothL1 = Loss{Name: "smooth_l1", values: smoothL1, uses: "Delta"}

	// Quantile is the pinball loss of the quantile Options.Quantiles: q*d where the target is larger by d, (1-q)*d where
	// it is smaller (Koenker and Bassett, 1978). For several quantiles outputs have a column for each, and targets of
	// one column are for all of them.
	Quantile = Loss{Name: "quantile", values: quantile, uses: "Quantiles"}

	// Poisson is rate - target*ln(rate) for outputs that are rates above 0, as Keras's.
	Poisson = Loss{Name: "poisson", values: poisson}

	// PoissonNLL is exp(x) - target*x for outputs that are logarithms of rates, as PyTorch's.
	PoissonNLL = Loss{Name: "poisson_nll", values: poissonNLL}

	// CosineSimilarity is -cos of the angle between outputs and targets along the last axis, as Keras's: -1 where they
	// point in the same direction.
	CosineSimilarity = Loss{Name: "cosine_similarity", values: cosineValues}
)

// nearZero is Keras's epsilon.
const nearZero = 1e-7

func percentages(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	sameShape("nn.MAPE", output, target)
	t := target.To(output.DType())
	return perPlace(output.Sub(t).Abs().Div(t.Abs().Clip(nearZero, math.Inf(1)))).MulScalar(100)
}

func logSquares(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	sameShape("nn.MSLE", output, target)
	log := func(x *dl.Tensor) *dl.Tensor { return x.Clip(nearZero, math.Inf(1)).Log1p() }
	return perPlace(log(output).Sub(log(target.To(output.DType()))).Square())
}

// logCosh is ln((e^d + e^-d)/2), of |d| so that nothing overflows: |d| + ln(1+e^(-2|d|)) - ln 2.
func logCosh(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	sameShape("nn.LogCosh", output, target)
	d := output.Sub(target.To(output.DType()))
	return perPlace(d.Add(d.MulScalar(-2).Softplus()).AddScalar(-math.Ln2))
}

func smoothL1(output, target *dl.Tensor, logits bool, o LossOptions) *dl.Tensor {
	values := huber(output, target, logits, o)
	if o.Delta != 0 {
		values = values.MulScalar(1 / o.Delta)
	}
	return values
}

func quantile(output, target *dl.Tensor, _ bool, o LossOptions) *dl.Tensor {
	const name = "nn.Quantile"
	q := perColumn("Quantiles", o.Quantiles, output)
	if q == nil {
		q = vectorOf(output, 0.5)
	}
	t := target.To(output.DType())
	if q.Size() > 1 { // a target for all quantiles
		switch {
		case t.Rank() == output.Rank()-1:
			t = t.Unsqueeze(-1)
		case t.Rank() == output.Rank() && t.Dim(-1) == 1:
		default:
			sameShape(name, output, target)
		}
		if !t.Shape()[:t.Rank()-1].Equal(output.Shape()[:output.Rank()-1]) {
			dl.PanicShape(name, "outputs [N, ..., quantiles] need targets [N, ...]", output, target)
		}
	} else {
		sameShape(name, output, target)
	}
	d := t.Sub(output)
	return perPlace(d.Mul(q).Maximum(d.Mul(q.AddScalar(-1))))
}

func poisson(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	sameShape("nn.Poisson", output, target)
	for i, rate := range doubles(output) {
		if rate < 0 {
			dl.PanicValue("nn.Poisson", "the output %v at place %d is no rate: end the model in nn.Softplus or exp, or use PoissonNLL", rate, i)
		}
	}
	return perPlace(output.Sub(target.To(output.DType()).Mul(output.AddScalar(nearZero).Log())))
}

func poissonNLL(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	sameShape("nn.PoissonNLL", output, target)
	return perPlace(output.Exp().Sub(target.To(output.DType()).Mul(output)))
}

func cosineValues(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	const name = "nn.CosineSimilarity"
	sameShape(name, output, target)
	if output.Rank() == 0 {
		dl.PanicShape(name, "there is no axis along which to compare", output)
	}
	return cosine(output, target.To(output.DType())).Neg()
}

// unit gives vectors of the last axis the length 1, and leaves those short that are shorter than 1e-6, as Keras does: the
// gradient of a vector of zeros is one million times that of a unit, and no more.
func unit(x *dl.Tensor) *dl.Tensor {
	return x.Div(x.Norm(2, -1).Unsqueeze(-1).Clip(1e-6, math.Inf(1)))
}

func cosine(a, b *dl.Tensor) *dl.Tensor { return unit(a).Mul(unit(b)).Sum(-1) }
