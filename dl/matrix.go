package dl

import (
	"image"

	"gonum.org/v1/gonum/mat"
)

// FromMatrix returns a float64 tensor [rows, columns] of a matrix of gonum. Those
// of a *mat.Dense and of a *mat.VecDense (of one column) lie in its memory: a
// change of one is a change of the other, of which Changed tells. Others are
// copied.
func FromMatrix(m mat.Matrix) *Tensor {
	given("FromMatrix", "the matrix", m != nil)
	rows, cols := m.Dims()
	switch m := m.(type) {
	case *mat.Dense:
		raw := m.RawMatrix()
		return within(Float64, raw.Data, layout{Shape{rows, cols}, Shape{raw.Stride, 1}, 0})
	case *mat.VecDense:
		raw := m.RawVector()
		return within(Float64, raw.Data, layout{Shape{rows, 1}, Shape{raw.Inc, 1}, 0})
	}
	t := New(Float64, rows, cols)
	for i := range rows {
		for j := range cols {
			t.set(i*cols+j, m.At(i, j))
		}
	}
	return t
}

// within returns a tensor of elements in memory that belongs to the caller.
func within(d DType, data any, l layout) *Tensor {
	t := over(d, data, l.shape)
	if t.offset = l.offset; !l.dense() {
		t.strides = l.strides
	}
	return t
}

// Matrix returns t, [rows, columns] or a vector, which becomes a column, as a
// matrix of gonum. That of a float64 tensor whose rows lie without gaps is in its
// memory: a change of one is a change of the other. Others are copied.
func (t *Tensor) Matrix() *mat.Dense {
	switch t.Rank() {
	case 1:
		t = viewOf(t, t.layout().with(1))
	case 2:
	default:
		shapePanic("Matrix", "a matrix has two axes, or one", t)
	}
	if t.size == 0 {
		shapePanic("Matrix", "gonum has no matrices without elements", t)
	}
	rows, cols := t.shape[0], t.shape[1]
	l := t.layout()
	stride := l.strides[0]
	if rows == 1 {
		stride = cols
	}
	if t.dtype != Float64 || l.strides[1] != 1 && cols > 1 || stride < cols {
		return mat.NewDense(rows, cols, Values[float64](t))
	}
	m := &mat.Dense{}
	raw := m.RawMatrix()
	raw.Rows, raw.Cols, raw.Stride = rows, cols, stride
	raw.Data = device.host(t.storage).([]float64)[l.offset:][:(rows-1)*stride+cols]
	m.SetRawMatrix(raw)
	return m
}

// FromImage returns a uint8 tensor [height, width, channels] of an image: one
// channel of an *image.Gray, four (red, green, blue, alpha) of an *image.NRGBA or
// *image.RGBA, all in the image's own memory. Others are converted to NRGBA.
func FromImage(m image.Image) *Tensor {
	given("FromImage", "the image", m != nil)
	channels, pix, stride := 4, []uint8(nil), 0
	switch m := m.(type) {
	case *image.Gray:
		channels, pix, stride = 1, m.Pix, m.Stride
	case *image.NRGBA:
		pix, stride = m.Pix, m.Stride
	case *image.RGBA:
		pix, stride = m.Pix, m.Stride
	default:
		b := m.Bounds()
		c := image.NewNRGBA(b)
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				c.Set(x, y, m.At(x, y))
			}
		}
		pix, stride = c.Pix, c.Stride
	}
	size := m.Bounds().Size()
	return within(Uint8, pix, layout{Shape{size.Y, size.X, channels}, Shape{stride, channels, 1}, 0})
}

// shared returns the image of bytes [H, W, 4], of red, green, blue and alpha, that
// lie without gaps, in their memory, and a copy of others.
func (t *Tensor) shared() image.Image {
	if t.dtype != Uint8 {
		dtypePanic("Image", "pictures of four channels are of uint8", t)
	}
	l := t.layout()
	if l.strides[2] != 1 || l.strides[1] != 4 || l.strides[0] < 4*t.shape[1] {
		t = t.packed()
		l = t.layout()
	}
	bounds := image.Rect(0, 0, t.shape[1], t.shape[0])
	if t.size == 0 {
		return image.NewNRGBA(bounds)
	}
	pix := device.host(t.storage).([]uint8)[l.offset:][:(t.shape[0]-1)*l.strides[0]+4*t.shape[1]]
	return &image.NRGBA{Pix: pix, Stride: l.strides[0], Rect: bounds}
}
