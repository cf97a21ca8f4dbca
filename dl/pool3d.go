package dl

// Pool3DOptions say over which windows [MaxPool3D] and [AvgPool3D] go: see [PoolOptions].
type Pool3DOptions struct {
	Size            [3]int // in depth, height and width; zero: 2, 2, 2
	Stride          [3]int // zero: Size
	Padding         Padding
	CountIncludePad bool
	Ceil            bool
}

// MaxPool3D returns the largest element of each window of x [N, D, H, W, C].
func MaxPool3D(x *Tensor, o Pool3DOptions) *Tensor { return pooledVolume("MaxPool3D", x, o, maxPool) }

// AvgPool3D returns the mean of each window of x [N, D, H, W, C]: see [AvgPool2D].
func AvgPool3D(x *Tensor, o Pool3DOptions) *Tensor {
	return pooledVolume("AvgPool3D", x, o, averagePooled)
}

// pooledVolume pools the planes of x, and then, of these, the depth: the largest element of a window is the largest of
// those of its planes, and the mean is that of theirs.
func pooledVolume(op string, x *Tensor, o Pool3DOptions, pool func(op string, axes int, x *Tensor, o PoolOptions) *Tensor) *Tensor {
	x.check()
	if len(x.shape) != 5 {
		shapePanic(op, "volumes are [N, D, H, W, C]", x)
	}
	if wrong := o.Padding.Suits(3); wrong != "" {
		shapePanic(op, wrong, x)
	}
	if o.Size == [3]int{} {
		o.Size = [3]int{2, 2, 2}
	}
	for i := range o.Stride {
		if o.Stride[i] == 0 {
			o.Stride[i] = o.Size[i]
		}
	}
	n, d, c := x.shape[0], x.shape[1], x.shape[4]
	planes := PoolOptions{[2]int{o.Size[1], o.Size[2]}, [2]int{o.Stride[1], o.Stride[2]}, o.Padding.plane(), o.CountIncludePad, o.Ceil}
	y := pool(op, 2, x.Reshape(n*d, x.shape[2], x.shape[3], c), planes)
	h, w := y.shape[1], y.shape[2]
	depth := PoolOptions{[2]int{o.Size[0], 1}, [2]int{o.Stride[0], 1}, o.Padding, o.CountIncludePad, o.Ceil}
	if o.Padding.axes == 3 {
		depth.Padding = Pad2D(o.Padding.n[0], 0)
	}
	y = pool(op, 2, y.Reshape(n, d, h*w, c), depth)
	return y.Reshape(n, y.shape[1], h, w, c)
}
