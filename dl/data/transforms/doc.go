// Package transforms changes images on their way into a training: to one size, to the values that a model expects, and
// at random, so that no picture is seen twice. The names are torchvision's.
//
// A [Transform] takes a float32 tensor [height, width, channels] with values from 0 to 1 and returns another; it does
// not change the one it takes. A [Compose] applies several. [Each] applies transforms to the inputs of a dataset
// whenever they are read, with random numbers seeded by the sample's number and the pass: the results are the same for
// any number of workers. [MixUp] and [CutMix] mix the samples of a batch with each other: see [Batches].
//
//	training = transforms.Each(training, 42,
//		transforms.RandomResizedCrop{Height: 64, Width: 64},
//		transforms.RandomHorizontalFlip{},
//		transforms.ColorJitter{Brightness: 0.2, Hue: 0.05},
//		transforms.Normalize{Mean: []float64{0.485, 0.456, 0.406}, Std: []float64{0.229, 0.224, 0.225}})
//	training = transforms.Batches(data.OneHot(training, 10), 42, transforms.MixUp{})
//
// Nothing here is recorded for a gradient.
package transforms

import (
	"modelbook/dl"
	"modelbook/dl/data"
)

// Transform changes an image, a float32 tensor [height, width, channels]. What is random comes from r.
type Transform interface {
	Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor
}

// Compose applies transforms one after the other.
type Compose []Transform

// Apply applies the transforms: see [Transform].
func (c Compose) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	for i, t := range c {
		given("transforms.Compose", i, t != nil)
	}
	if len(c) == 0 {
		read("transforms.Compose", x)
	}
	for _, t := range c {
		x = t.Apply(x, r)
	}
	return x
}

// given refuses a transform of a list that is nil.
func given(op string, i int, there bool) {
	if !there {
		dl.PanicValue(op, "transform %d is nil", i)
	}
}

// Func is a function as a transform.
type Func func(x *dl.Tensor, r *dl.Rand) *dl.Tensor

// Apply calls the function: see [Transform].
func (f Func) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	if f == nil {
		dl.PanicValue("transforms.Func", "the function is nil")
	}
	return f(x, r)
}

// Each is a dataset whose inputs are transformed whenever they are read: see data.Map.
func Each(d data.Dataset, seed uint64, t ...Transform) data.Dataset {
	for i, t := range t {
		given("transforms.Each", i, t != nil)
	}
	return data.MapSeeded(d, seed, func(s data.Sample) data.Sample {
		s.X = Compose(t).Apply(s.X, s.Rand)
		return s
	})
}

// BatchTransform changes a batch, whose tensors are its own. What is random comes from r.
type BatchTransform interface {
	ApplyBatch(b data.Batch, r *dl.Rand) data.Batch
}

// Batches is a dataset whose batches are transformed whenever they are read: see data.MapBatches.
func Batches(d data.Dataset, seed uint64, t ...BatchTransform) data.Dataset {
	for i, t := range t {
		given("transforms.Batches", i, t != nil)
	}
	return data.MapBatches(d, seed, func(b data.Batch, r *dl.Rand) data.Batch {
		for _, t := range t {
			b = t.ApplyBatch(b, r)
		}
		return b
	})
}

// picture is an image as its values.
type picture struct {
	h, w, c int
	p       []float32
}

// most is the number of values above which a picture is refused.
const most = 1 << 28

func read(op string, x *dl.Tensor) picture {
	if x == nil || x.Rank() != 3 || x.DType() != dl.Float32 || x.Size() == 0 {
		if x == nil {
			dl.PanicValue(op, "the image is nil: it is a float32 tensor [height, width, channels]")
		}
		dl.PanicShape(op, "an image is a float32 tensor [height, width, channels] with something in it", x)
	}
	x = x.Contiguous()
	return picture{x.Dim(0), x.Dim(1), x.Dim(2), x.Float32s()}
}

// blank is a new image.
func blank(op string, h, w, c int) (*dl.Tensor, picture) {
	if h < 1 || w < 1 || h > most/w || h*w > most/c {
		dl.PanicValue(op, "there is no image of %d x %d x %d: height and width are 1 or more, and there are at most %d values", h, w, c, most)
	}
	x := dl.New(dl.Float32, h, w, c)
	return x, picture{h, w, c, x.Float32s()}
}

// at is the channels of a pixel.
func (p picture) at(y, x int) []float32 {
	i := (y*p.w + x) * p.c
	return p.p[i : i+p.c : i+p.c]
}

// between is a random number from lo to hi.
func between(lo, hi float64, r *dl.Rand) float64 { return lo + (hi-lo)*r.Float64() }

// happens says yes with the probability p, or otherwise when p is 0. What is no image is refused either way.
func happens(op string, x *dl.Tensor, p, otherwise float64, r *dl.Rand) bool {
	read(op, x)
	if p == 0 {
		p = otherwise
	}
	if !(p >= 0 && p <= 1) {
		dl.PanicValue(op, "a probability of %v lies outside 0 to 1", p)
	}
	return r.Float64() < p
}
