package dl

import (
	"fmt"
	"strings"
)

// Pools: see testdata/operations_pool.py.
func init() {
	for name, f := range map[string]func(x *Tensor) *Tensor{
		"MaxPool1D":      func(x *Tensor) *Tensor { return MaxPool1D(x, Pool1DOptions{Size: 3, Stride: 2, Padding: Pad1D(1)}) },
		"MaxPool1D ceil": func(x *Tensor) *Tensor { return MaxPool1D(x, Pool1DOptions{Size: 3, Stride: 2, Ceil: true}) },
		"AvgPool1D":      func(x *Tensor) *Tensor { return AvgPool1D(x, Pool1DOptions{Size: 3, Stride: 2, Padding: Pad1D(1)}) },
		"AvgPool1D ceil, CountIncludePad": func(x *Tensor) *Tensor {
			return AvgPool1D(x, Pool1DOptions{Size: 3, Stride: 2, Padding: Pad1D(1), Ceil: true, CountIncludePad: true})
		},
		"MaxPool2D ceil": func(x *Tensor) *Tensor {
			return MaxPool2D(x, PoolOptions{Size: [2]int{3, 2}, Stride: [2]int{2, 2}, Padding: Pad2D(1, 0), Ceil: true})
		},
		"AvgPool2D ceil": func(x *Tensor) *Tensor {
			return AvgPool2D(x, PoolOptions{Size: [2]int{3, 2}, Stride: [2]int{2, 2}, Padding: Pad2D(1, 0), Ceil: true})
		},
		"AvgPool2D ceil, CountIncludePad": func(x *Tensor) *Tensor {
			return AvgPool2D(x, PoolOptions{Size: [2]int{3, 2}, Stride: [2]int{2, 2}, Padding: Pad2D(1, 1), Ceil: true, CountIncludePad: true})
		},
		"MaxPool3D": func(x *Tensor) *Tensor {
			return MaxPool3D(x, Pool3DOptions{Size: [3]int{2, 3, 2}, Stride: [3]int{2, 2, 1}, Padding: Pad3D(1, 1, 0)})
		},
		"MaxPool3D ceil": func(x *Tensor) *Tensor { return MaxPool3D(x, Pool3DOptions{Ceil: true}) },
		"AvgPool3D": func(x *Tensor) *Tensor {
			return AvgPool3D(x, Pool3DOptions{Size: [3]int{2, 3, 2}, Stride: [3]int{2, 2, 1}, Padding: Pad3D(1, 1, 0)})
		},
		"AvgPool3D ceil, CountIncludePad": func(x *Tensor) *Tensor {
			return AvgPool3D(x, Pool3DOptions{Size: [3]int{3, 2, 2}, Stride: [3]int{2, 2, 2}, Padding: Pad3D(1, 1, 0), Ceil: true, CountIncludePad: true})
		},

		"AdaptiveAvgPool of sequences": func(x *Tensor) *Tensor { return AdaptiveAvgPool(x, 3) },
		"AdaptiveAvgPool":              func(x *Tensor) *Tensor { return AdaptiveAvgPool(x, 3, 2) },
		"AdaptiveAvgPool to more":      func(x *Tensor) *Tensor { return AdaptiveAvgPool(x, 5, 2) },
		"AdaptiveAvgPool of volumes":   func(x *Tensor) *Tensor { return AdaptiveAvgPool(x, 2, 1, 3) },
		"AdaptiveMaxPool of sequences": func(x *Tensor) *Tensor { return AdaptiveMaxPool(x, 3) },
		"AdaptiveMaxPool":              func(x *Tensor) *Tensor { return AdaptiveMaxPool(x, 3, 2) },
		"AdaptiveMaxPool of volumes":   func(x *Tensor) *Tensor { return AdaptiveMaxPool(x, 2, 1, 3) },
	} {
		operations["dl."+name] = one(f)
	}
}

// Resizing: see testdata/operations_resize.py.
func init() {
	for _, kind := range []string{" of sequences to 7", " of sequences to 3", " to 6x8", " to 2x5", " of volumes to 3x2x5"} {
		var sizes []int
		for _, s := range strings.Split(kind[strings.LastIndex(kind, " ")+1:], "x") {
			var n int
			fmt.Sscan(s, &n)
			sizes = append(sizes, n)
		}
		for _, mode := range []Interpolation{Nearest, Linear, Cubic, Area} {
			if mode == Cubic && len(sizes) != 2 { // PyTorch has none
				continue
			}
			for _, corners := range []bool{false, true} {
				name := fmt.Sprintf("dl.Resize%s, %v", kind, mode)
				if corners {
					if mode != Linear && mode != Cubic {
						continue
					}
					name += ", corners"
				}
				operations[name] = one(func(x *Tensor) *Tensor { return Resize(x, ResizeOptions{Mode: mode, AlignCorners: corners}, sizes...) })
			}
		}
	}
	operations["dl.PixelShuffle"] = one(func(x *Tensor) *Tensor { return PixelShuffle(x, 2) })
	operations["dl.ChannelShuffle"] = one(func(x *Tensor) *Tensor { return ChannelShuffle(x, 3) })
	operations["dl.PixelUnshuffle"] = one(func(x *Tensor) *Tensor { return PixelUnshuffle(x, 2) })
}
