package transforms

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/data"
)

// MixUp adds to each sample the one before it in the batch, inputs and targets alike, with weights that sum up to 1
// (Zhang and others, "mixup: Beyond Empirical Risk Minimization", 2017). Targets are float rows, such as data.OneHot
// makes.
type MixUp struct {
	Alpha float64 // of the beta distribution of the weight; 0: 1, as in torchvision (Keras: 0.2)
}

// ApplyBatch mixes the samples: see [BatchTransform].
func (o MixUp) ApplyBatch(b data.Batch, r *dl.Rand) data.Batch {
	const op = "transforms.MixUp"
	weight := share(op, o.Alpha, r)
	rows(op, b)
	blend(b.X, weight)
	blend(b.Y, weight)
	return b
}

// share draws a weight.
func share(op string, alpha float64, r *dl.Rand) float32 {
	if alpha == 0 {
		alpha = 1
	}
	if !(alpha > 0) || math.IsInf(alpha, 0) {
		dl.PanicValue(op, "an Alpha of %v is not above 0", alpha)
	}
	return float32(r.Betas(alpha, alpha, 1).At(0))
}

// rows checks that inputs and targets of a batch can be mixed.
func rows(op string, b data.Batch) {
	if b.X == nil || b.X.DType() != dl.Float32 || b.Y == nil || b.Y.DType() != dl.Float32 {
		dl.PanicValue(op, "inputs and targets must be float32, as of data.OneHot: class numbers cannot be mixed")
	}
	if b.X.Rank() < 1 || b.Y.Rank() < 1 || b.X.Dim(0) != b.Y.Dim(0) || b.X.Size() == 0 {
		dl.PanicShape(op, "inputs and targets need a row for each sample, of which there is one or more", b.X, b.Y)
	}
}

// blend makes row i weight times itself plus the rest times row i-1, in place.
func blend(t *dl.Tensor, weight float32) {
	n := t.Dim(0)
	v := t.Float32s()
	size := len(v) / n
	last := append([]float32{}, v[(n-1)*size:]...)
	for i := n - 1; i >= 0; i-- {
		before := last
		if i > 0 {
			before = v[(i-1)*size : i*size]
		}
		for j := range size {
			v[i*size+j] = weight*v[i*size+j] + (1-weight)*before[j]
		}
	}
}

// CutMix puts a rectangle of each image into the next one of the batch, and mixes the targets by its area (Yun and
// others, "CutMix", 2019). Images are [N, height, width, channels], targets float rows, such as data.OneHot makes.
type CutMix struct {
	Alpha float64 // of the beta distribution of the area that stays; 0: 1, as in torchvision and Keras
}

// ApplyBatch mixes the samples: see [BatchTransform].
func (o CutMix) ApplyBatch(b data.Batch, r *dl.Rand) data.Batch {
	const op = "transforms.CutMix"
	stays := share(op, o.Alpha, r)
	rows(op, b)
	if b.X.Rank() != 4 {
		dl.PanicShape(op, "inputs are images [N, height, width, channels]", b.X)
	}
	n, h, w, c := b.X.Dim(0), b.X.Dim(1), b.X.Dim(2), b.X.Dim(3)
	half := 0.5 * math.Sqrt(float64(1-stays))
	y, x := float64(r.IntN(h)), float64(r.IntN(w))
	top, left := max(0, int(y-half*float64(h))), max(0, int(x-half*float64(w)))
	bottom, right := min(h, int(y+half*float64(h))), min(w, int(x+half*float64(w)))
	bottom, right = max(bottom, top), max(right, left)
	v := b.X.Float32s()
	size := h * w * c
	last := append([]float32{}, v[(n-1)*size:]...)
	for i := n - 1; i >= 0; i-- {
		before := last
		if i > 0 {
			before = v[(i-1)*size : i*size]
		}
		for y := top; y < bottom; y++ {
			copy(v[i*size+(y*w+left)*c:i*size+(y*w+right)*c], before[(y*w+left)*c:])
		}
	}
	blend(b.Y, 1-float32((bottom-top)*(right-left))/float32(h*w))
	return b
}
