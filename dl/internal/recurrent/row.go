package recurrent

import (
	"math"

	"modelbook/dl/internal/vec"
)

type float interface{ float32 | float64 }

// The loops over a row: float32 by the kernels of package vec.

func sigmoid[F float](x []F) {
	if x, ok := any(x).([]float32); ok {
		vec.Sigmoid(x, x)
		return
	}
	for i, v := range x {
		x[i] = F(1 / (1 + math.Exp(-float64(v))))
	}
}

func tanh[F float](x []F) {
	if x, ok := any(x).([]float32); ok {
		vec.Tanh(x, x)
		return
	}
	for i, v := range x {
		x[i] = F(math.Tanh(float64(v)))
	}
}

func relu[F float](x []F) {
	if x, ok := any(x).([]float32); ok {
		vec.Relu(x, x)
		return
	}
	for i, v := range x {
		x[i] = max(v, 0)
	}
}

// add adds x to dst.
func add[F float](dst, x []F) {
	if d, ok := any(dst).([]float32); ok {
		vec.Add(d, d, any(x).([]float32))
		return
	}
	for i, v := range x {
		dst[i] += v
	}
}

// sub writes dst = x - y.
func sub[F float](dst, x, y []F) {
	if d, ok := any(dst).([]float32); ok {
		vec.Sub(d, any(x).([]float32), any(y).([]float32))
		return
	}
	for i, v := range x {
		dst[i] = v - y[i]
	}
}

// mul writes dst = x * y.
func mul[F float](dst, x, y []F) {
	if d, ok := any(dst).([]float32); ok {
		vec.Mul(d, any(x).([]float32), any(y).([]float32))
		return
	}
	for i, v := range x {
		dst[i] = v * y[i]
	}
}

// mulAdd adds x * y to dst.
func mulAdd[F float](dst, x, y []F) {
	if d, ok := any(dst).([]float32); ok {
		vec.MulAdd(d, any(x).([]float32), any(y).([]float32))
		return
	}
	for i, v := range x {
		dst[i] += v * y[i]
	}
}

// sigmoidGrad writes dst = dy * y * (1-y).
func sigmoidGrad[F float](dst, dy, y []F) {
	if d, ok := any(dst).([]float32); ok {
		vec.SigmoidGrad(d, any(dy).([]float32), any(y).([]float32))
		return
	}
	for i, v := range y {
		dst[i] = dy[i] * v * (1 - v)
	}
}

// tanhGrad writes dst = dy * (1 - y*y).
func tanhGrad[F float](dst, dy, y []F) {
	if d, ok := any(dst).([]float32); ok {
		vec.TanhGrad(d, any(dy).([]float32), any(y).([]float32))
		return
	}
	for i, v := range y {
		dst[i] = dy[i] * (1 - v*v)
	}
}

// reluGrad writes dst = dy where y > 0, and 0 elsewhere.
func reluGrad[F float](dst, dy, y []F) {
	if d, ok := any(dst).([]float32); ok {
		vec.ReluGrad(d, any(dy).([]float32), any(y).([]float32))
		return
	}
	for i, v := range y {
		if dst[i] = dy[i]; !(v > 0) {
			dst[i] = 0
		}
	}
}
