package nn

import (
	"fmt"

	"modelbook/dl"
)

// PixelShuffle makes images [N, H, W, C*Factor*Factor] into images [N, H*Factor, W*Factor, C]: the channels of a pixel
// become a square, in PyTorch's order. See [dl.PixelShuffle].
type PixelShuffle struct {
	Factor int // PyTorch's upscale_factor
}

// PixelUnshuffle makes images [N, H*Factor, W*Factor, C] into images [N, H, W, C*Factor*Factor]: see
// [dl.PixelUnshuffle].
type PixelUnshuffle struct {
	Factor int // PyTorch's downscale_factor
}

// ChannelShuffle deals the channels of samples [..., C] out like cards: the first of each group, then the second of each,
// and so on. Between grouped convolutions it lets a group see what the others made, as in ShuffleNet. See
// [dl.ChannelShuffle].
type ChannelShuffle struct {
	Groups int // it must divide the channels
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p PixelShuffle) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if err := isSample(in, 2); err != nil {
		return nil, nil, err
	}
	f := p.Factor
	if f < 1 || f > 1<<15 || in[2]%(f*f) != 0 {
		return nil, nil, fmt.Errorf("the %d channels are no multiple of the Factor %d times itself", in[2], f)
	}
	return &p, dl.Shape{in[0] * f, in[1] * f, in[2] / (f * f)}, nil
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p PixelUnshuffle) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if err := isSample(in, 2); err != nil {
		return nil, nil, err
	}
	f := p.Factor
	if f < 1 || f > 1<<15 || in[0]%f != 0 || in[1]%f != 0 {
		return nil, nil, fmt.Errorf("height and width of the input %v are no multiples of the Factor %d", in, f)
	}
	return &p, dl.Shape{in[0] / f, in[1] / f, in[2] * f * f}, nil
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c ChannelShuffle) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if len(in) == 0 {
		return nil, nil, fmt.Errorf("the input has no axis of channels to shuffle")
	}
	if n := in[len(in)-1]; c.Groups < 1 || n%c.Groups != 0 {
		return nil, nil, fmt.Errorf("Groups is %d; it must divide the %d channels of %v", c.Groups, n, in)
	}
	return &c, in, nil
}

// Forward computes the outputs for a batch.
func (p *PixelShuffle) Forward(x *dl.Tensor) *dl.Tensor { return dl.PixelShuffle(x, p.Factor) }

// Forward computes the outputs for a batch.
func (p *PixelUnshuffle) Forward(x *dl.Tensor) *dl.Tensor { return dl.PixelUnshuffle(x, p.Factor) }

// Forward computes the outputs for a batch.
func (c *ChannelShuffle) Forward(x *dl.Tensor) *dl.Tensor { return dl.ChannelShuffle(x, c.Groups) }

// Parameters returns the parameters of the layer.
func (p *PixelShuffle) Parameters() []*Parameter { return nil }

// Parameters returns the parameters of the layer.
func (p *PixelUnshuffle) Parameters() []*Parameter { return nil }

// Parameters returns the parameters of the layer.
func (c *ChannelShuffle) Parameters() []*Parameter { return nil }

func (p *PixelShuffle) detail() string   { return fmt.Sprintf("times %d", p.Factor) }
func (p *PixelUnshuffle) detail() string { return fmt.Sprintf("by %d", p.Factor) }
func (c *ChannelShuffle) detail() string { return fmt.Sprintf("%d groups", c.Groups) }
