package nn

import (
	"fmt"
	"slices"

	"modelbook/dl"
)

// ZeroPad1D surrounds sequences [N, L, C] with zeros (PyTorch: ZeroPad1d; Keras: ZeroPadding1D).
type ZeroPad1D struct {
	Padding [2]int // places before and after
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p ZeroPad1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := surrounded(in, [][2]int{p.Padding}, false)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *ZeroPad1D) Forward(x *dl.Tensor) *dl.Tensor {
	return surround("nn.ZeroPad1D", x, [][2]int{p.Padding}, zeroEdges)
}

// Parameters returns the parameters of the layer.
func (p *ZeroPad1D) Parameters() []*Parameter { return nil }
func (p *ZeroPad1D) detail() string           { return onSides([][2]int{p.Padding}) }

// ZeroPad2D surrounds images [N, H, W, C] with zeros (PyTorch: ZeroPad2d; Keras: ZeroPadding2D).
type ZeroPad2D struct {
	Padding [2][2]int // rows above and below, columns left and right
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p ZeroPad2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := surrounded(in, p.Padding[:], false)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *ZeroPad2D) Forward(x *dl.Tensor) *dl.Tensor {
	return surround("nn.ZeroPad2D", x, p.Padding[:], zeroEdges)
}

// Parameters returns the parameters of the layer.
func (p *ZeroPad2D) Parameters() []*Parameter { return nil }
func (p *ZeroPad2D) detail() string           { return onSides(p.Padding[:]) }

// ZeroPad3D surrounds volumes [N, D, H, W, C] with zeros (PyTorch: ZeroPad3d; Keras: ZeroPadding3D).
type ZeroPad3D struct {
	Padding [3][2]int // places before and after in depth, height and width
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p ZeroPad3D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := surrounded(in, p.Padding[:], false)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *ZeroPad3D) Forward(x *dl.Tensor) *dl.Tensor {
	return surround("nn.ZeroPad3D", x, p.Padding[:], zeroEdges)
}

// Parameters returns the parameters of the layer.
func (p *ZeroPad3D) Parameters() []*Parameter { return nil }
func (p *ZeroPad3D) detail() string           { return onSides(p.Padding[:]) }

// ReflectionPad1D surrounds sequences [N, L, C] with their elements mirrored at the edges, which are not repeated (PyTorch: ReflectionPad1d).
type ReflectionPad1D struct {
	Padding [2]int // places before and after; of the size less one at most
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p ReflectionPad1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := surrounded(in, [][2]int{p.Padding}, true)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *ReflectionPad1D) Forward(x *dl.Tensor) *dl.Tensor {
	return surround("nn.ReflectionPad1D", x, [][2]int{p.Padding}, mirroredEdges)
}

// Parameters returns the parameters of the layer.
func (p *ReflectionPad1D) Parameters() []*Parameter { return nil }
func (p *ReflectionPad1D) detail() string           { return onSides([][2]int{p.Padding}) }

// ReflectionPad2D surrounds images [N, H, W, C] with their elements mirrored at the edges, which are not repeated (PyTorch: ReflectionPad2d).
type ReflectionPad2D struct {
	Padding [2][2]int // rows above and below, columns left and right; of the size less one at most
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p ReflectionPad2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := surrounded(in, p.Padding[:], true)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *ReflectionPad2D) Forward(x *dl.Tensor) *dl.Tensor {
	return surround("nn.ReflectionPad2D", x, p.Padding[:], mirroredEdges)
}

// Parameters returns the parameters of the layer.
func (p *ReflectionPad2D) Parameters() []*Parameter { return nil }
func (p *ReflectionPad2D) detail() string           { return onSides(p.Padding[:]) }

// ReflectionPad3D surrounds volumes [N, D, H, W, C] with their elements mirrored at the edges, which are not repeated (PyTorch: ReflectionPad3d).
type ReflectionPad3D struct {
	Padding [3][2]int // places before and after in depth, height and width; of the size less one at most
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p ReflectionPad3D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := surrounded(in, p.Padding[:], true)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *ReflectionPad3D) Forward(x *dl.Tensor) *dl.Tensor {
	return surround("nn.ReflectionPad3D", x, p.Padding[:], mirroredEdges)
}

// Parameters returns the parameters of the layer.
func (p *ReflectionPad3D) Parameters() []*Parameter { return nil }
func (p *ReflectionPad3D) detail() string           { return onSides(p.Padding[:]) }

// ReplicationPad1D surrounds sequences [N, L, C] with copies of their edges (PyTorch: ReplicationPad1d).
type ReplicationPad1D struct {
	Padding [2]int // places before and after
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p ReplicationPad1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := surrounded(in, [][2]int{p.Padding}, false)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *ReplicationPad1D) Forward(x *dl.Tensor) *dl.Tensor {
	return surround("nn.ReplicationPad1D", x, [][2]int{p.Padding}, copiedEdges)
}

// Parameters returns the parameters of the layer.
func (p *ReplicationPad1D) Parameters() []*Parameter { return nil }
func (p *ReplicationPad1D) detail() string           { return onSides([][2]int{p.Padding}) }

// ReplicationPad2D surrounds images [N, H, W, C] with copies of their edges (PyTorch: ReplicationPad2d).
type ReplicationPad2D struct {
	Padding [2][2]int // rows above and below, columns left and right
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p ReplicationPad2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := surrounded(in, p.Padding[:], false)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *ReplicationPad2D) Forward(x *dl.Tensor) *dl.Tensor {
	return surround("nn.ReplicationPad2D", x, p.Padding[:], copiedEdges)
}

// Parameters returns the parameters of the layer.
func (p *ReplicationPad2D) Parameters() []*Parameter { return nil }
func (p *ReplicationPad2D) detail() string           { return onSides(p.Padding[:]) }

// ReplicationPad3D surrounds volumes [N, D, H, W, C] with copies of their edges (PyTorch: ReplicationPad3d).
type ReplicationPad3D struct {
	Padding [3][2]int // places before and after in depth, height and width
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p ReplicationPad3D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := surrounded(in, p.Padding[:], false)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *ReplicationPad3D) Forward(x *dl.Tensor) *dl.Tensor {
	return surround("nn.ReplicationPad3D", x, p.Padding[:], copiedEdges)
}

// Parameters returns the parameters of the layer.
func (p *ReplicationPad3D) Parameters() []*Parameter { return nil }
func (p *ReplicationPad3D) detail() string           { return onSides(p.Padding[:]) }

// Crop1D cuts off the edges of sequences [N, L, C] (Keras: Cropping1D). What it returns is a view.
type Crop1D struct {
	Cropping [2]int // places before and after
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c Crop1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := cropped(in, [][2]int{c.Cropping})
	return &c, out, err
}

// Forward computes the outputs for a batch.
func (c *Crop1D) Forward(x *dl.Tensor) *dl.Tensor { return crop("nn.Crop1D", x, [][2]int{c.Cropping}) }

// Parameters returns the parameters of the layer.
func (c *Crop1D) Parameters() []*Parameter { return nil }
func (c *Crop1D) detail() string           { return onSides([][2]int{c.Cropping}) }

// Crop2D cuts off the edges of images [N, H, W, C] (Keras: Cropping2D). What it returns is a view.
type Crop2D struct {
	Cropping [2][2]int // rows above and below, columns left and right
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c Crop2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := cropped(in, c.Cropping[:])
	return &c, out, err
}

// Forward computes the outputs for a batch.
func (c *Crop2D) Forward(x *dl.Tensor) *dl.Tensor { return crop("nn.Crop2D", x, c.Cropping[:]) }

// Parameters returns the parameters of the layer.
func (c *Crop2D) Parameters() []*Parameter { return nil }
func (c *Crop2D) detail() string           { return onSides(c.Cropping[:]) }

// Crop3D cuts off the edges of volumes [N, D, H, W, C] (Keras: Cropping3D). What it returns is a view.
type Crop3D struct {
	Cropping [3][2]int // places before and after in depth, height and width
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c Crop3D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := cropped(in, c.Cropping[:])
	return &c, out, err
}

// Forward computes the outputs for a batch.
func (c *Crop3D) Forward(x *dl.Tensor) *dl.Tensor { return crop("nn.Crop3D", x, c.Cropping[:]) }

// Parameters returns the parameters of the layer.
func (c *Crop3D) Parameters() []*Parameter { return nil }
func (c *Crop3D) detail() string           { return onSides(c.Cropping[:]) }

// surrounded is the shape of a padded sample.
func surrounded(in dl.Shape, sides [][2]int, mirrored bool) (dl.Shape, error) {
	if err := isSample(in, len(sides)); err != nil {
		return nil, err
	}
	out := append(dl.Shape{}, in...)
	for i, s := range sides {
		if min(s[0], s[1]) < 0 || max(s[0], s[1]) > maxVolume {
			return nil, fmt.Errorf("Padding %v must not be negative, nor too large; nn.Crop%dD cuts off", sides, len(sides))
		}
		if mirrored && max(s[0], s[1]) >= in[i] {
			return nil, fmt.Errorf("Padding %v must be smaller than the input %v, which is mirrored", sides, in)
		}
		if out[i] += s[0] + s[1]; in[i] < 1 {
			return nil, fmt.Errorf("the input %v has nothing to surround", in)
		}
	}
	return out, nil
}

// edges are what surrounds samples.
type edges uint8

const (
	zeroEdges edges = iota
	mirroredEdges
	copiedEdges
)

// surround pads the axes of samples.
func surround(layer string, x *dl.Tensor, sides [][2]int, with edges) *dl.Tensor {
	checkAxes(layer, x, len(sides))
	var places [2][5]int
	for i, s := range sides {
		places[0][i+1], places[1][i+1] = s[0], s[1]
	}
	before, after := places[0][:x.Rank()], places[1][:x.Rank()]
	switch with {
	case mirroredEdges:
		return x.PadReflect(before, after)
	case copiedEdges:
		return x.PadReplicate(before, after)
	}
	return x.Pad(before, after)
}

// cropped is the shape of what is left of a sample.
func cropped(in dl.Shape, sides [][2]int) (dl.Shape, error) {
	if err := isSample(in, len(sides)); err != nil {
		return nil, err
	}
	out := append(dl.Shape{}, in...)
	for i, s := range sides {
		if min(s[0], s[1]) < 0 || max(s[0], s[1]) > maxVolume {
			return nil, fmt.Errorf("Cropping %v must not be negative, nor too large; nn.ZeroPad%dD adds", sides, len(sides))
		}
		if out[i] -= s[0] + s[1]; out[i] < 1 {
			return nil, fmt.Errorf("Cropping %v leaves nothing of the input %v", sides, in)
		}
	}
	return out, nil
}

func crop(layer string, x *dl.Tensor, sides [][2]int) *dl.Tensor {
	checkAxes(layer, x, len(sides))
	for i, s := range sides {
		if x.Dim(i+1) <= s[0]+s[1] {
			dl.PanicValue(layer+".Forward", "Cropping %v leaves nothing of the input %v", slices.Clone(sides), x.Shape()) // sides itself would be allocated at every call
		}
		x = x.Slice(i+1, s[0], x.Dim(i+1)-s[1])
	}
	return x
}

// onSides describes what is added or cut off: 1+2 on the sides of an axis.
func onSides(sides [][2]int) string {
	text := ""
	for i, s := range sides {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%d+%d", s[0], s[1])
	}
	return text
}
