package data

import (
	"fmt"
	"image"

	"modelbook/dl"
)

// Images is a dataset of images of one size with a class each, kept as bytes: a batch is converted to float32
// [N, Height, Width, Channels] with values from 0 to 1.
type Images struct {
	Height, Width, Channels int      // one channel is grey, three are red, green and blue
	Pixels                  []uint8  // picture after picture, row by row, channels together
	Labels                  []uint8  // the class of each picture
	Classes                 []string // the classes' names
}

// NewImages checks that the parts fit together: as many pixels and labels as images, and a name for every label.
func NewImages(height, width, channels int, pixels, labels []uint8, classes []string) (*Images, error) {
	m := &Images{height, width, channels, pixels, labels, classes}
	if wrong := m.wrong(); wrong != "" {
		return nil, fmt.Errorf("data: %s", wrong)
	}
	for i, label := range labels {
		if int(label) >= len(classes) {
			return nil, fmt.Errorf("data: picture %d has class %d, but there are %d classes", i, label, len(classes))
		}
	}
	return m, nil
}

// maxSide is the height or width above which something else is meant.
const maxSide = 1 << 24

// wrong says which sizes do not fit together, nothing when all do.
func (m *Images) wrong() string {
	if m.Height < 1 || m.Width < 1 || m.Height > maxSide || m.Width > maxSide || m.Channels != 1 && m.Channels != 3 {
		return fmt.Sprintf("pictures of %d x %d with %d channels: sizes are 1 to %d and channels 1 or 3", m.Height, m.Width, m.Channels, maxSide)
	}
	if size := m.size(); len(m.Pixels)%size != 0 || len(m.Pixels)/size != len(m.Labels) {
		return fmt.Sprintf("%d labels need as many times %d pixels (%d x %d x %d), there are %d", len(m.Labels), size, m.Height, m.Width, m.Channels, len(m.Pixels))
	}
	return ""
}

// check panics unless all sizes fit together: the fields may have been set without NewImages.
func (m *Images) check(op string) {
	if wrong := m.wrong(); wrong != "" {
		dl.PanicValue(op, "%s", wrong)
	}
}

// mustHave refuses the number of a picture that is not there.
func (m *Images) mustHave(op string, i int) {
	m.check(op)
	mustBeSample(op, i, m.Len())
}

// Len is the number of samples, -1 when it is not known: see [Dataset].
func (m *Images) Len() int { return len(m.Labels) }

// Spec describes the samples: see [Dataset].
func (m *Images) Spec() Spec {
	return Spec{X: dl.Shape{m.Height, m.Width, m.Channels}, Y: dl.Shape{}, YType: dl.Int32, Classes: m.Classes}
}

// grey is the value of each byte: i/255 in float32, as torchvision's ToTensor and Keras's /255.0.
var grey = func() (table [256]float32) {
	for i := range table {
		table[i] = float32(i) / 255
	}
	return
}()

// Read fills a batch: see [Dataset].
func (m *Images) Read(b Batch, samples []int) error {
	if wrong := m.wrong(); wrong != "" {
		return fmt.Errorf("data.Images: %s", wrong)
	}
	spec := m.Spec()
	if err := b.room(&spec, samples, m.Len()); err != nil {
		return err
	}
	size := m.size()
	x, y := b.X.Float32s(), b.Y.Int32s()
	for i, s := range samples {
		dst := x[i*size : (i+1)*size]
		for j, v := range m.Pixels[s*size : (s+1)*size][:len(dst)] {
			dst[j] = grey[v]
		}
		y[i] = int32(m.Labels[s])
	}
	return nil
}

func (m *Images) size() int { return m.Height * m.Width * m.Channels }

// Label is the class of image i.
func (m *Images) Label(i int) int {
	mustBeSample("data.Images.Label", i, m.Len())
	return int(m.Labels[i])
}

// Class is the name of the class of image i.
func (m *Images) Class(i int) string {
	const op = "data.Images.Class"
	mustBeSample(op, i, m.Len())
	if int(m.Labels[i]) >= len(m.Classes) {
		dl.PanicValue(op, "picture %d has class %d, but there are names of %d classes", i, m.Labels[i], len(m.Classes))
	}
	return m.Classes[m.Labels[i]]
}

// Input is image i as a batch of one: float32 [1, Height, Width, Channels], ready for a model.
func (m *Images) Input(i int) *dl.Tensor {
	m.mustHave("data.Images.Input", i)
	b := newBatch(m.Spec(), 1)
	if err := m.Read(b, []int{i}); err != nil {
		panic(err) // all that Read refuses was checked
	}
	return b.X
}

// Image is image i as an image.Image.
func (m *Images) Image(i int) image.Image {
	m.mustHave("data.Images.Image", i)
	pixels := m.Pixels[i*m.size() : (i+1)*m.size()]
	bounds := image.Rect(0, 0, m.Width, m.Height)
	if m.Channels == 1 {
		return &image.Gray{Pix: pixels, Stride: m.Width, Rect: bounds}
	}
	img := image.NewRGBA(bounds)
	for j := range m.Height * m.Width {
		copy(img.Pix[4*j:], pixels[3*j:3*j+3])
		img.Pix[4*j+3] = 255
	}
	return img
}

// Take is the first n images, or all when there are fewer. The pixels are shared.
func (m *Images) Take(n int) *Images {
	if n < 0 {
		dl.PanicValue("data.Images.Take", "%d pictures cannot be taken", n)
	}
	return m.Slice(0, min(n, m.Len()))
}

// Slice is the images from lo up to hi. The pixels are shared.
func (m *Images) Slice(lo, hi int) *Images {
	const op = "data.Images.Slice"
	m.check(op)
	if lo < 0 || hi < lo || hi > m.Len() {
		dl.PanicValue(op, "there are no pictures from %d up to %d: there are %d", lo, hi, m.Len())
	}
	part := *m
	part.Pixels, part.Labels = m.Pixels[lo*m.size():hi*m.size()], m.Labels[lo:hi]
	return &part
}

// Subset is the images with the given numbers, copied in their order.
func (m *Images) Subset(numbers []int) *Images {
	const op = "data.Images.Subset"
	m.check(op)
	for _, i := range numbers {
		mustBeSample(op, i, m.Len())
	}
	part := *m
	part.Pixels, part.Labels = make([]uint8, len(numbers)*m.size()), make([]uint8, len(numbers))
	copyRows(part.Pixels, m.Pixels, numbers, m.size())
	copyRows(part.Labels, m.Labels, numbers, 1)
	return &part
}

// Of is the numbers of all images of a class.
func (m *Images) Of(class int) []int {
	var numbers []int
	for i, label := range m.Labels {
		if int(label) == class {
			numbers = append(numbers, i)
		}
	}
	return numbers
}

// String says how many images of which size there are.
func (m *Images) String() string {
	return fmt.Sprintf("%d pictures of %d x %d x %d in %d classes", m.Len(), m.Height, m.Width, m.Channels, len(m.Classes))
}
