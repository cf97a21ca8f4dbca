package nn

import (
	"fmt"

	"modelbook/dl"
)

// Upsample1D makes sequences [N, L, C] larger, or gives them another size (Keras: UpSampling1D, and Resizing; PyTorch: Upsample):
// see [dl.Resize].
type Upsample1D struct {
	Scale        int              // times the size; zero: 2, unless Size is given
	Size         int              `json:",omitzero"` // of the output, instead of Scale
	Mode         dl.Interpolation // the zero value is dl.Nearest; also dl.Linear, dl.Cubic, dl.Area
	AlignCorners bool             `json:",omitempty"` // puts the middles of the first and last places on each other rather than the edges; for Linear and Cubic
}

// Build makes the layer for inputs of a shape: see [Layer].
func (u Upsample1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if u.Scale == 0 && u.Size == 0 {
		u.Scale = 2
	}
	out, err := resized(in, []int{u.Scale}, []int{u.Size}, u.Mode, u.AlignCorners)
	return &u, out, err
}

// Forward computes the outputs for a batch.
func (u *Upsample1D) Forward(x *dl.Tensor) *dl.Tensor {
	return resize("nn.Upsample1D", x, []int{u.Scale}, []int{u.Size}, u.Mode, u.AlignCorners)
}

// Parameters returns the parameters of the layer.
func (u *Upsample1D) Parameters() []*Parameter { return nil }
func (u *Upsample1D) detail() string           { return resizing([]int{u.Scale}, []int{u.Size}, u.Mode) }

// Upsample2D makes images [N, H, W, C] larger, or gives them another size (Keras: UpSampling2D, and Resizing; PyTorch: Upsample):
// see [dl.Resize].
type Upsample2D struct {
	Scale        [2]int           // times the size; zero: 2, 2, unless Size is given
	Size         [2]int           `json:",omitzero"` // of the output, instead of Scale
	Mode         dl.Interpolation // the zero value is dl.Nearest; also dl.Linear, dl.Cubic, dl.Area
	AlignCorners bool             `json:",omitempty"` // puts the middles of the first and last places on each other rather than the edges; for Linear and Cubic
}

// Build makes the layer for inputs of a shape: see [Layer].
func (u Upsample2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if u.Scale == ([2]int{}) && u.Size == ([2]int{}) {
		u.Scale = [2]int{2, 2}
	}
	out, err := resized(in, u.Scale[:], u.Size[:], u.Mode, u.AlignCorners)
	return &u, out, err
}

// Forward computes the outputs for a batch.
func (u *Upsample2D) Forward(x *dl.Tensor) *dl.Tensor {
	return resize("nn.Upsample2D", x, u.Scale[:], u.Size[:], u.Mode, u.AlignCorners)
}

// Parameters returns the parameters of the layer.
func (u *Upsample2D) Parameters() []*Parameter { return nil }
func (u *Upsample2D) detail() string           { return resizing(u.Scale[:], u.Size[:], u.Mode) }

// Upsample3D makes volumes [N, D, H, W, C] larger, or gives them another size (Keras: UpSampling3D, and Resizing; PyTorch: Upsample):
// see [dl.Resize].
type Upsample3D struct {
	Scale        [3]int           // times the size; zero: 2, 2, 2, unless Size is given
	Size         [3]int           `json:",omitzero"` // of the output, instead of Scale
	Mode         dl.Interpolation // the zero value is dl.Nearest; also dl.Linear, dl.Cubic, dl.Area
	AlignCorners bool             `json:",omitempty"` // puts the middles of the first and last places on each other rather than the edges; for Linear and Cubic
}

// Build makes the layer for inputs of a shape: see [Layer].
func (u Upsample3D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if u.Scale == ([3]int{}) && u.Size == ([3]int{}) {
		u.Scale = [3]int{2, 2, 2}
	}
	out, err := resized(in, u.Scale[:], u.Size[:], u.Mode, u.AlignCorners)
	return &u, out, err
}

// Forward computes the outputs for a batch.
func (u *Upsample3D) Forward(x *dl.Tensor) *dl.Tensor {
	return resize("nn.Upsample3D", x, u.Scale[:], u.Size[:], u.Mode, u.AlignCorners)
}

// Parameters returns the parameters of the layer.
func (u *Upsample3D) Parameters() []*Parameter { return nil }
func (u *Upsample3D) detail() string           { return resizing(u.Scale[:], u.Size[:], u.Mode) }

// resized is the shape of a sample that is resized.
func resized(in dl.Shape, scale, size []int, mode dl.Interpolation, corners bool) (dl.Shape, error) {
	if err := isSample(in, len(scale)); err != nil {
		return nil, err
	}
	if mode > dl.Area {
		return nil, fmt.Errorf("there is no %v; Mode is dl.Nearest, dl.Linear, dl.Cubic or dl.Area", mode)
	}
	if corners && mode != dl.Linear && mode != dl.Cubic {
		return nil, fmt.Errorf("AlignCorners is for Mode dl.Linear and dl.Cubic, not %v", mode)
	}
	out := append(dl.Shape{}, in...)
	for i := range scale {
		switch {
		case scale[i] != 0 && size[i] != 0:
			return nil, fmt.Errorf("Scale %v and Size %v are given; give one of them", plain(scale), plain(size))
		case scale[i] < 0 || size[i] < 0 || scale[i]+size[i] == 0 || in[i] < 1:
			return nil, fmt.Errorf("Scale %v and Size %v are impossible for the input %v", plain(scale), plain(size), in)
		case max(scale[i], size[i]) > maxVolume/in[i]:
			return nil, fmt.Errorf("Scale %v and Size %v are too large", plain(scale), plain(size))
		case scale[i] > 0:
			out[i] *= scale[i]
		default:
			out[i] = size[i]
		}
	}
	return out, nil
}

func resize(layer string, x *dl.Tensor, scale, size []int, mode dl.Interpolation, corners bool) *dl.Tensor {
	sizes := sizesOf(layer, x, size)
	for i, k := range scale {
		if k > 0 {
			sizes[i] = x.Dim(i+1) * k
		}
	}
	return dl.Resize(x, dl.ResizeOptions{Mode: mode, AlignCorners: corners}, sizes[:len(size)]...)
}

// resizing describes a resize.
func resizing(scale, size []int, mode dl.Interpolation) string {
	if scale[0] > 0 {
		return "times " + times(scale) + ", " + mode.String()
	}
	return "to " + times(size) + ", " + mode.String()
}
