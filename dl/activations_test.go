package dl

import (
	"testing"
)

func init() {
	for name, f := range map[string]func(x *Tensor) *Tensor{
		"SiLU": (*Tensor).SiLU, "GELUTanh": (*Tensor).GELUTanh, "Mish": (*Tensor).Mish, "Softsign": (*Tensor).Softsign, "LogSigmoid": (*Tensor).LogSigmoid,
		"TanhShrink": (*Tensor).TanhShrink, "HardSwish": (*Tensor).HardSwish, "HardSigmoid": (*Tensor).HardSigmoid, "ReLU6": (*Tensor).ReLU6, "SELU": (*Tensor).SELU,
		"ELU": func(x *Tensor) *Tensor { return x.ELU(0.7) }, "CELU": func(x *Tensor) *Tensor { return x.CELU(0.7) },
		"HardTanh":   func(x *Tensor) *Tensor { return x.HardTanh(-1.5, 2.5) },
		"Threshold":  func(x *Tensor) *Tensor { return x.Threshold(0.6, -0.3) },
		"SoftShrink": func(x *Tensor) *Tensor { return x.SoftShrink(0.5) }, "HardShrink": func(x *Tensor) *Tensor { return x.HardShrink(0.5) },
	} {
		operations[name], operations[name+" of special values"] = one(f), one(f)
	}
	operations["Softmin"] = axis((*Tensor).Softmin, 1)
	operations["PReLU"], operations["PReLU of channels"] = two((*Tensor).PReLU), two((*Tensor).PReLU)
	operations["GLU"], operations["GLU of axis 0"] = axis((*Tensor).GLU, -1), axis((*Tensor).GLU, 0)
}

// The float32 kernels have the same derivatives as the rules in float64, over many elements, which the threads share.
func TestGradientsOfActivationsInFloat32(t *testing.T) {
	n := 3*elementGrain + 5
	values := make([]float64, n)
	for i := range values {
		values[i] = 24*float64(i)/float64(n) - 12 + 1e-4
	}
	for name, f := range map[string]func(x *Tensor) *Tensor{
		"SiLU": (*Tensor).SiLU, "GELUTanh": (*Tensor).GELUTanh, "Mish": (*Tensor).Mish, "Softplus": (*Tensor).Softplus, "Softsign": (*Tensor).Softsign,
		"LogSigmoid": (*Tensor).LogSigmoid, "TanhShrink": (*Tensor).TanhShrink, "HardSwish": (*Tensor).HardSwish, "HardSigmoid": (*Tensor).HardSigmoid,
		"ReLU6": (*Tensor).ReLU6, "SELU": (*Tensor).SELU, "ELU": func(x *Tensor) *Tensor { return x.ELU(0.7) }, "CELU": func(x *Tensor) *Tensor { return x.CELU(0.7) },
		"HardTanh": func(x *Tensor) *Tensor { return x.HardTanh(-1.5, 2.5) }, "Threshold": func(x *Tensor) *Tensor { return x.Threshold(0.6, -0.3) },
		"SoftShrink": func(x *Tensor) *Tensor { return x.SoftShrink(0.5) }, "HardShrink": func(x *Tensor) *Tensor { return x.HardShrink(0.5) },
	} {
		double := Of(values, n).RequireGrad()
		single := double.Detach().To(Float32).RequireGrad()
		y, z := f(double), f(single)
		y.Sum().Backward()
		z.Sum().Backward()
		if err := closeTo(z, y, 1e-5); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := closeTo(single.Grad(), double.Grad(), 1e-5); err != nil {
			t.Errorf("gradient of %s: %v", name, err)
		}
	}
}
