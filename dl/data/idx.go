package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// IDX is the content of a file in the idx format of MNIST, for bytes: an array with its dimensions, row by row.
type IDX struct {
	Dims  []int
	Bytes []uint8
}

// The idx format: two zero bytes, a byte for the type of the values (8: bytes), a byte for the number of dimensions,
// each dimension as a big-endian uint32, then the values.
const (
	idxBytes     = 0x08
	idxMaxDims   = 4
	idxMaxValues = 1 << 30 // 1 GiB: far more than any data set in this format
	idxAtOnce    = 64 << 20
)

// FormatError tells what is wrong with a data file.
type FormatError struct {
	File     string // name or path of the file
	Found    string // what the file has
	Expected string // what it should have
	Remedy   string // what to do
}

// Error says what is wrong with which file.
func (e *FormatError) Error() string {
	msg := fmt.Sprintf("%s: %s; expected %s", e.File, e.Found, e.Expected)
	if e.Remedy != "" {
		msg += "; " + e.Remedy
	}
	return msg
}

// OpenIDX reads an idx file of bytes, gzip-compressed or not. Dimensions given are expected: -1 stands for any size.
// A file that is something else gives a *FormatError.
func OpenIDX(path string, dims ...int) (*IDX, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadIDX(f, path, dims...)
}

// ReadIDX is OpenIDX for a reader; the name stands in errors. Above 64 MiB, memory grows with the bytes that are
// really there, whatever sizes the header claims.
func ReadIDX(r io.Reader, name string, dims ...int) (*IDX, error) {
	if r == nil {
		return nil, fmt.Errorf("data.ReadIDX: the reader is nil")
	}
	fail := func(found, expected string) error {
		return &FormatError{File: name, Found: found, Expected: expected, Remedy: "delete the file and fetch it again"}
	}
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fail("a broken gzip header ("+err.Error()+")", "an idx file, gzip-compressed or plain")
		}
		in = bufio.NewReader(z)
	}

	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, fail("ends within the header", "an idx header of 4 bytes and the dimensions")
	}
	if head[0] != 0 || head[1] != 0 || head[2] != idxBytes || head[3] < 1 || head[3] > idxMaxDims {
		return nil, fail(fmt.Sprintf("begins with the bytes % x", head), "00 00 08 and 1 to 4 dimensions, an idx file of bytes")
	}
	x := &IDX{Dims: make([]int, head[3])}
	total := int64(1)
	for i := range x.Dims {
		var size uint32
		if err := binary.Read(in, binary.BigEndian, &size); err != nil {
			return nil, fail("ends within the header", fmt.Sprintf("%d dimensions of 4 bytes each", len(x.Dims)))
		}
		x.Dims[i] = int(size)
		if total *= int64(size); total > idxMaxValues {
			return nil, fail(fmt.Sprintf("claims dimensions %v", x.Dims[:i+1]), fmt.Sprintf("at most %d values", idxMaxValues))
		}
	}
	if dims != nil && !fits(x.Dims, dims) {
		return nil, fail(fmt.Sprintf("has dimensions %v", x.Dims), fmt.Sprintf("%v (-1: any)", dims))
	}

	// One byte more than claimed, to notice what lies behind. What is claimed is taken at once, without copies of a
	// buffer that grows, unless it is much: then the buffer grows as bytes arrive.
	buffer := bytes.NewBuffer(make([]byte, 0, min(total+1+bytes.MinRead, idxAtOnce)))
	_, err := buffer.ReadFrom(io.LimitReader(in, total+1))
	values := buffer.Bytes()
	switch {
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fail(fmt.Sprintf("is damaged after %d values (%v)", len(values), err), fmt.Sprintf("%d values", total))
	case int64(len(values)) < total:
		return nil, fail(fmt.Sprintf("is cut short: ends after %d values", len(values)), fmt.Sprintf("%d values (%v)", total, x.Dims))
	case int64(len(values)) > total:
		return nil, fail("goes on behind its values", fmt.Sprintf("%d values (%v)", total, x.Dims))
	case err != nil:
		return nil, fail("is cut short: the gzip stream has no end", "a whole gzip file")
	}
	x.Bytes = slices.Clip(values)
	return x, nil
}

// fits compares dimensions; -1 fits any.
func fits(dims, expected []int) bool {
	return slices.EqualFunc(dims, expected, func(d, e int) bool { return e < 0 || d == e })
}
