package tensorboard

import (
	"bytes"
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// decodeTensor takes the value out of a tensor, in which TensorFlow 2 stores everything: its plugin says what it is.
func (v *Value) decodeTensor(b []byte) error {
	var dtype uint64
	var numbers []float64
	var texts [][]byte
	var content []byte
	for f, err := range fields(b) {
		if err != nil {
			return err
		}
		switch {
		case f.id == 1 && f.kind == protowire.VarintType:
			dtype = f.number
		case f.id == 4 && f.kind == protowire.BytesType:
			content = f.bytes
		case f.id == 5 && f.kind == protowire.Fixed32Type:
			numbers = append(numbers, f.float())
		case f.id == 6 && f.kind == protowire.Fixed64Type:
			numbers = append(numbers, f.double())
		case (f.id == 5 || f.id == 6) && f.kind == protowire.BytesType: // packed
			numbers = append(numbers, floats(f.bytes, 4*int(f.id-4))...)
		case f.id == 8 && f.kind == protowire.BytesType:
			texts = append(texts, f.bytes)
		}
	}
	switch dtype {
	case typeFloat:
		numbers = append(numbers, floats(content, 4)...)
	case typeDouble:
		numbers = append(numbers, floats(content, 8)...)
	}
	switch {
	case v.Plugin == "images" && len(texts) > 2: // width, height, and the pictures
		v.Image = bytes.Clone(texts[2])
	case v.Plugin == "histograms":
		v.Histogram = &Histogram{}
		for i := 0; i+2 < len(numbers); i += 3 { // left, right, count
			if i == 0 {
				v.Histogram.Min = numbers[0]
			}
			v.Histogram.Max = numbers[i+1]
			v.Histogram.Count += numbers[i+2]
			v.Histogram.Limits = append(v.Histogram.Limits, numbers[i+1])
			v.Histogram.Counts = append(v.Histogram.Counts, numbers[i+2])
		}
	case dtype == typeString:
		for _, t := range texts {
			v.Texts = append(v.Texts, string(t))
		}
	case len(numbers) == 1:
		v.IsScalar, v.Scalar = true, numbers[0]
	}
	return nil
}

// floats are the numbers of so many bytes each.
func floats(b []byte, size int) (values []float64) {
	for ; len(b) >= size; b = b[size:] {
		if size == 4 {
			values = append(values, float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
		} else {
			values = append(values, math.Float64frombits(binary.LittleEndian.Uint64(b)))
		}
	}
	return values
}
