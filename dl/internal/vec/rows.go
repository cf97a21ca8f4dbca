package vec

import "math"

// Fill sets every element to v.
func Fill(dst []float32, v float32) {
	for i := range dst {
		dst[i] = v
	}
}

// Max returns the largest element; NaN if there is one.
func Max(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if v > m || v != v {
			m = v
		}
		if m != m {
			return m
		}
	}
	return m
}

// apply writes dst = f(x).
func apply(dst, x []float32, f func(float64) float64) {
	for i, v := range x {
		dst[i] = float32(f(float64(v)))
	}
}

// Exp writes dst = e^x.
func Exp(dst, x []float32) { apply(dst, x, math.Exp) }

// Log writes dst = ln x.
func Log(dst, x []float32) { apply(dst, x, math.Log) }

// Tanh writes dst = tanh x.
func Tanh(dst, x []float32) { apply(dst, x, math.Tanh) }

// Sqrt writes dst = square root of x.
func Sqrt(dst, x []float32) { apply(dst, x, math.Sqrt) }

// Sigmoid writes dst = 1/(1+e^-x).
func Sigmoid(dst, x []float32) {
	apply(dst, x, func(v float64) float64 { return 1 / (1 + math.Exp(-v)) })
}

// AddBiasRows adds bias to each row of x.
func AddBiasRows(x, bias []float32) {
	for n := len(bias); len(x) >= n && n > 0; x = x[n:] {
		Add(x[:n], x[:n], bias)
	}
}

// SoftmaxRows writes the softmax of each row of x, cols long, to dst.
func SoftmaxRows(dst, x []float32, cols int) {
	for ; len(x) >= cols && cols > 0; dst, x = dst[cols:], x[cols:] {
		m := Max(x[:cols])
		sum := float32(0)
		for i, v := range x[:cols] {
			e := float32(math.Exp(float64(v - m)))
			dst[i] = e
			sum += e
		}
		Scale(dst[:cols], 1/sum, dst[:cols])
	}
}

// SoftmaxCrossEntropyRows returns the mean over rows of -log softmax(logits)
// at the labels, and writes its gradient to dlogits unless that is nil.
func SoftmaxCrossEntropyRows(logits []float32, labels []int32, dlogits []float32, cols int) float64 {
	rows := len(labels)
	total := 0.0
	for r, label := range labels {
		x := logits[r*cols : (r+1)*cols]
		m := Max(x)
		sum := 0.0
		for _, v := range x {
			sum += math.Exp(float64(v - m))
		}
		total += math.Log(sum) - float64(x[label]-m)
		if dlogits == nil {
			continue
		}
		d := dlogits[r*cols : (r+1)*cols]
		for i, v := range x {
			d[i] = float32(math.Exp(float64(v-m)) / sum / float64(rows))
		}
		d[label] -= 1 / float32(rows)
	}
	return total / float64(rows)
}
