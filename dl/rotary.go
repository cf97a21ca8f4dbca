package dl

import (
	"fmt"
	"math"
	"slices"
)

// RotaryOptions are the details of [Rotary]. The zero value is one head, all of
// whose channels are turned as Llama's are.
type RotaryOptions struct {
	Heads int // side by side in the last axis; 0: 1
	// Turned is the number of heads, from the first on, that are turned; the others
	// are copied. So queries and keys are turned, and not values, where all lie side
	// by side as [SelfAttention] reads them. 0: all.
	Turned int
	// Size is the number of channels of a head, from the first on, that are turned;
	// 0: all.
	Size int
	// Interleaved turns neighbours, channels 2i and 2i+1, as the paper and GPT-J do;
	// otherwise pairs are channels i and i+Size/2, as in Llama and GPT-NeoX.
	Interleaved bool
	Base        float64 // 0: 10000; pair i turns by Base^(-2i/Size) a position
	// Frequencies are the angles by which pairs turn, Size/2 of them, in place of those
	// of Base: see [Llama3Frequencies].
	Frequencies []float64
	Scale       float64 // positions are divided by it (linear interpolation); 0: 1
	Offset      int     // position of the first row
	Offsets     []int   // positions of the first rows of the samples, in place of Offset
}

// Rotary turns pairs of channels by angles that grow with the position, so that
// products of queries and keys depend on their distance (Su et al., 2021). x is
// [N, T, Heads*size], so is the result. The angle of pair i at position p is
// p/Scale * Base^(-2i/Size).
func Rotary(x *Tensor, o RotaryOptions) *Tensor {
	const op = "Rotary"
	x = x.rowwise()
	x.float(op)
	if o.Heads == 0 {
		o.Heads = 1
	}
	if len(x.shape) != 3 || o.Heads < 1 || x.shape[2]%o.Heads != 0 {
		shapePanic(op, fmt.Sprintf("x [N, T, D] whose D %d heads can share is needed", o.Heads), x)
	}
	r := rotation{heads: o.Heads, turned: o.Turned, width: x.shape[2] / o.Heads, size: o.Size, interleaved: o.Interleaved, offset: o.Offset}
	if r.size == 0 {
		r.size = r.width
	}
	if r.turned == 0 {
		r.turned = r.heads
	}
	scale := o.Scale
	if scale == 0 {
		scale = 1
	}
	switch {
	case r.size < 0 || r.size > r.width || r.size%2 != 0:
		PanicValue(op, "%d of the %d channels of a head are to be turned; it is an even number of them", r.size, r.width)
	case r.turned < 0 || r.turned > r.heads:
		PanicValue(op, "%d of %d heads are to be turned", r.turned, r.heads)
	case !(scale > 0) || math.IsInf(scale, 1):
		PanicValue(op, "Scale is %v; positions are divided by it", o.Scale)
	case !(o.Base >= 0) || math.IsInf(o.Base, 1):
		PanicValue(op, "Base is %v; it is above 0, or 0 for 10000", o.Base)
	case o.Frequencies != nil && len(o.Frequencies) != r.size/2:
		PanicValue(op, "there are %d Frequencies for %d channels that are turned; half as many are needed", len(o.Frequencies), r.size)
	case slices.ContainsFunc(o.Frequencies, noFinite):
		PanicValue(op, "the Frequencies are %v; they are finite numbers", o.Frequencies)
	case o.Offset < 0:
		PanicValue(op, "Offset is %d; positions are counted from 0", o.Offset)
	case o.Offsets != nil && len(o.Offsets) != x.shape[0]:
		PanicValue(op, "there are %d Offsets for %d samples", len(o.Offsets), x.shape[0])
	}
	for i, at := range o.Offsets {
		if at < 0 {
			PanicValue(op, "the offset of sample %d is %d; positions are counted from 0", i, at)
		}
	}
	if o.Offsets != nil {
		r.offsets = shapeOf(o.Offsets...)
	}
	r.frequencies = result(Float64, shapeOf(r.size/2))
	for i := range r.size / 2 {
		f := math.Pow(or(o.Base, 10000), -2*float64(i)/float64(r.size))
		if o.Frequencies != nil {
			f = o.Frequencies[i]
		}
		r.frequencies.set(i, f/scale)
	}
	return rotated(x, r)
}

// or is v, or another where v is 0.
func or(v, other float64) float64 {
	if v == 0 {
		return other
	}
	return v
}

func rotated(x *Tensor, r rotation) *Tensor {
	r.x, r.y = x, result(x.dtype, x.shape)
	device.rotate(r)
	if recording(x) {
		record := rotaryKind.new()
		record.rotation = r
		attach(r.y, "Rotary", record)
	}
	return r.y
}

// rotaryRecord is the record of Rotary. Its gradient is turned back.
type rotaryRecord struct {
	node
	rotation
}

var rotaryKind = newKind[rotaryRecord]()

func (r *rotaryRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (*rotaryRecord) reads() {}

func (r *rotaryRecord) backward(b *sweep, dy *Tensor) {
	back := r.rotation
	back.back, back.x, back.y = !r.back, dy, b.target(r.x)
	device.rotate(back)
	b.add(r.x, back.y)
}

func (r *rotaryRecord) gradients(dy *Tensor) []*Tensor {
	back := r.rotation
	back.back = !r.back
	return []*Tensor{rotated(dy.Contiguous(), back)}
}

// Llama3Frequencies are those with which Llama 3.1 and later ones turn the given
// number of channels of a head, see [RotaryOptions]: what turns slowly turns by
// factor less, what turns fast does not, and what lies between (by low and high,
// turns within the length that the model was first trained with) is interpolated.
// Llama 3.1's are base 500000, factor 8, low 1, high 4, length 8192.
func Llama3Frequencies(size int, base, factor, low, high float64, length int) []float64 {
	if size < 0 || size > 1<<24 || size%2 != 0 || !(base > 0 && factor > 0 && low > 0 && high > low) || length < 1 {
		PanicValue("Llama3Frequencies", "size %d is even, base %v, factor %v, low %v and length %d are above 0, high %v is above low", size, base, factor, low, length, high)
	}
	f := make([]float64, size/2)
	for i := range f {
		f[i] = math.Pow(base, -2*float64(i)/float64(size))
		turns := float64(length) * f[i] / (2 * math.Pi)
		share := min(max((turns-low)/(high-low), 0), 1)
		f[i] *= (1-share)/factor + share
	}
	return f
}

// Sinusoids returns the float32 tensor [positions, channels] of Vaswani et al.
// (2017): channel 2i of position p is the sine of p/10000^(2i/channels), channel
// 2i+1 the cosine.
func Sinusoids(positions, channels int) *Tensor {
	t := New(Float32, positions, channels)
	for p := range positions {
		for i := range channels {
			sin, cos := math.Sincos(float64(p) * math.Pow(10000, -2*float64(i/2)/float64(channels)))
			if i%2 == 1 {
				sin = cos
			}
			t.set(p*channels+i, sin)
		}
	}
	return t
}
