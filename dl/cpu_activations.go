package dl

import "modelbook/dl/internal/vec"

func init() {
	grad := func(f func(dx, dy, x []float32)) func(dx, dy, x, y []float32, p params) {
		return func(dx, dy, x, _ []float32, _ params) { f(dx, dy, x) }
	}
	of := func(f func(y, x []float32)) func(y, x []float32, p params) {
		return func(y, x []float32, _ params) { f(y, x) }
	}
	siluRule.cpu = cpuUnary{of(vec.SiLU), grad(vec.SiLUGrad)}
	geluTanhRule.cpu = cpuUnary{of(vec.GELUTanh), grad(vec.GELUTanhGrad)}
	mishRule.cpu = cpuUnary{of(vec.Mish), grad(vec.MishGrad)}
	softplusRule.cpu = cpuUnary{of(vec.Softplus), grad(vec.SoftplusGrad)}
	softsignRule.cpu = cpuUnary{of(vec.Softsign), grad(vec.SoftsignGrad)}
	hardSwishRule.cpu = cpuUnary{of(vec.HardSwish), grad(vec.HardSwishGrad)}
	hardSigmoidRule.cpu = cpuUnary{of(vec.HardSigmoid), grad(func(dx, dy, x []float32) { vec.Between(dx, dy, x, -3, 3, 1.0/6) })}
	logSigmoidRule.cpu = cpuUnary{
		fast: func(y, x []float32, _ params) {
			vec.Scale(y, -1, x)
			vec.Softplus(y, y)
			vec.Scale(y, -1, y)
		},
		fastD: func(dx, dy, x, _ []float32, _ params) {
			vec.Scale(dx, -1, x)
			vec.SoftplusGrad(dx, dy, dx)
		},
	}
	tanhShrinkRule.cpu = cpuUnary{
		fast: func(y, x []float32, _ params) { // y may be x
			var room [256]float32
			for i := 0; i < len(x); i += len(room) {
				part := x[i:min(i+len(room), len(x))]
				tanh := room[:len(part)]
				vec.Tanh(tanh, part)
				vec.Sub(y[i:i+len(part)], part, tanh)
			}
		},
		fastD: func(dx, dy, x, _ []float32, _ params) {
			vec.Tanh(dx, x)
			vec.Mul(dx, dx, dx)
			vec.Mul(dx, dx, dy)
		},
	}
	hardTanhRule.cpu = cpuUnary{
		fast:  func(y, x []float32, p params) { vec.Clip(y, x, float32(p[0]), float32(p[1])) },
		fastD: func(dx, dy, x, _ []float32, p params) { vec.Between(dx, dy, x, float32(p[0]), float32(p[1]), 1) },
	}
	relu6Rule.cpu = cpuUnary{
		fast:  func(y, x []float32, _ params) { vec.Clip(y, x, 0, 6) },
		fastD: func(dx, dy, x, _ []float32, _ params) { vec.Between(dx, dy, x, 0, 6, 1) },
	}
	eluRule.cpu = cpuUnary{
		fast:  func(y, x []float32, p params) { vec.ELU(y, x, float32(p[0]*p[1]), float32(p[1]), 1) },
		fastD: func(dx, dy, x, _ []float32, p params) { vec.ELUGrad(dx, dy, x, float32(p[0]*p[1]), float32(p[1]), 1) },
	}
	celuRule.cpu = cpuUnary{
		fast:  func(y, x []float32, p params) { vec.ELU(y, x, float32(p[0]), 1, float32(1/p[0])) },
		fastD: func(dx, dy, x, _ []float32, p params) { vec.ELUGrad(dx, dy, x, float32(p[0]), 1, float32(1/p[0])) },
	}
	thresholdRule.cpu = cpuUnary{
		fast:  func(y, x []float32, p params) { vec.Threshold(y, x, x, float32(p[0]), float32(p[1])) },
		fastD: func(dx, dy, x, _ []float32, p params) { vec.Threshold(dx, dy, x, float32(p[0]), 0) },
	}
	softShrinkRule.cpu = cpuUnary{
		fast:  func(y, x []float32, p params) { vec.SoftShrink(y, x, float32(p[0])) },
		fastD: func(dx, dy, x, _ []float32, p params) { vec.Beyond(dx, dy, x, float32(p[0])) },
	}
	hardShrinkRule.cpu = cpuUnary{
		fast:  func(y, x []float32, p params) { vec.Beyond(y, x, x, float32(p[0])) },
		fastD: func(dx, dy, x, _ []float32, p params) { vec.Beyond(dx, dy, x, float32(p[0])) },
	}
}
