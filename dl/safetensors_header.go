package dl

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"
)

// A TensorInfo describes a tensor of a safetensors file.
type TensorInfo struct {
	Name   string
	DType  string // as the file calls it, as "F32" or "BF16"
	Shape  Shape
	lo, hi int64 // where its bytes are, counted from the end of the header
}

// readHeader reads the header of a file of the given size, and checks it: the
// places of the tensors fill the file without overlaps and gaps, and each is
// that of its shape. It returns the tensors in the order of the header, and
// the length of header and length field together.
func readHeader(r io.Reader, size int64) (infos []TensorInfo, meta map[string]string, length int64, err error) {
	if r == nil {
		return nil, nil, 0, errors.New("safetensors: the reader is nil")
	}
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, nil, 0, fmt.Errorf("safetensors: the file ends in its first eight bytes: %w", noEOF(err))
	}
	n := binary.LittleEndian.Uint64(head[:])
	if n > maxHeader || int64(n) > size-8 {
		return nil, nil, 0, fmt.Errorf("safetensors: a header of %d bytes does not fit into a file of %d", n, size)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, nil, 0, fmt.Errorf("safetensors: the file ends in its header: %w", noEOF(err))
	}
	if !utf8.Valid(header) {
		return nil, nil, 0, errors.New("safetensors: the header is not UTF-8")
	}
	infos, meta, err = parseHeader(bytes.TrimRight(header, " \x00")) // some writers fill up with NULs
	if err != nil {
		return nil, nil, 0, fmt.Errorf("safetensors: %w", err)
	}
	length = 8 + int64(n)
	if err := checkPlaces(infos, size-length); err != nil {
		return nil, nil, 0, fmt.Errorf("safetensors: %w", err)
	}
	return infos, meta, length, nil
}

// parseHeader reads the JSON. Keys that stand there twice are errors, and so
// are keys in another case, which encoding/json would take.
func parseHeader(header []byte) (infos []TensorInfo, meta map[string]string, err error) {
	dec := json.NewDecoder(bytes.NewReader(header))
	err = eachField(dec, func(name string) error {
		if name == "__metadata__" {
			meta = map[string]string{}
			err := eachField(dec, func(key string) error {
				var value *string
				if err := dec.Decode(&value); err != nil {
					return err
				}
				if value == nil {
					return fmt.Errorf("%q is null", key)
				}
				meta[key] = *value
				return nil
			})
			if err != nil {
				return fmt.Errorf("metadata: %w", err)
			}
			return nil
		}
		info, err := parseInfo(dec)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		info.Name = name
		infos = append(infos, info)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("header: %w", noEOF(err))
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, nil, errors.New("something but spaces stands behind the header's object")
	}
	return infos, meta, nil
}

// parseInfo reads the description of a tensor.
func parseInfo(dec *json.Decoder) (TensorInfo, error) {
	var dtype *string
	var shape, place []int64
	err := eachField(dec, func(key string) error {
		switch key {
		case "dtype":
			return dec.Decode(&dtype)
		case "shape":
			return dec.Decode(&shape)
		case "data_offsets":
			return dec.Decode(&place)
		}
		var other json.RawMessage
		return dec.Decode(&other)
	})
	switch {
	case err != nil:
		return TensorInfo{}, err
	case dtype == nil:
		return TensorInfo{}, errors.New("it has no dtype")
	case shape == nil:
		return TensorInfo{}, errors.New("it has no shape")
	case len(shape) > 32:
		return TensorInfo{}, fmt.Errorf("%d axes", len(shape))
	case len(place) != 2:
		return TensorInfo{}, errors.New("it has no place")
	}
	info := TensorInfo{DType: *dtype, Shape: make(Shape, len(shape)), lo: place[0], hi: place[1]}
	elements := int64(1) // of the sizes that are not 0
	for i, s := range shape {
		if s < 0 || s > 0 && elements > math.MaxInt64/8/s {
			return TensorInfo{}, fmt.Errorf("shape %v is impossible", shape)
		}
		elements *= max(s, 1)
		info.Shape[i] = int(s)
	}
	return info, nil
}

// eachField reads an object and calls f for each key; f reads the value.
func eachField(dec *json.Decoder, f func(key string) error) error {
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return errors.Join(err, errors.New("it is not a JSON object"))
	}
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		key := tok.(string) // or the decoder had returned an error
		if seen[key] {
			return fmt.Errorf("%q stands there twice", key)
		}
		seen[key] = true
		if err := f(key); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// checkPlaces checks that the tensors fill a body of so many bytes.
func checkPlaces(infos []TensorInfo, body int64) error {
	order := make([]*TensorInfo, len(infos))
	for i := range infos {
		order[i] = &infos[i]
	}
	slices.SortStableFunc(order, func(a, b *TensorInfo) int {
		return cmp.Or(cmp.Compare(a.lo, b.lo), cmp.Compare(a.hi, b.hi))
	})
	at := int64(0)
	for _, info := range order {
		if info.lo < 0 || info.hi < info.lo || info.hi > body {
			return fmt.Errorf("tensor %q: the place [%d %d] is not within %d bytes", info.Name, info.lo, info.hi, body)
		}
		if info.lo != at {
			return fmt.Errorf("tensor %q begins at %d, the one before it ended at %d", info.Name, info.lo, at)
		}
		if bytes, known := info.bytes(); known && bytes != info.hi-info.lo {
			return fmt.Errorf("tensor %q: shape %v of %s takes %d bytes, its place has %d", info.Name, info.Shape, info.DType, bytes, info.hi-info.lo)
		}
		at = info.hi
	}
	if at != body {
		return fmt.Errorf("%d bytes behind the last tensor", body-at)
	}
	return nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
