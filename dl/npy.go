package dl

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The npy format of NumPy: a magic text, the version, the length of a header,
// which is a Python dictionary, and the elements.
const (
	npyMagic  = "\x93NUMPY"
	npyHeader = 1 << 16 // more than any header of ours has
)

// npyTypes are the names of dtypes in npy files, without their byte order.
var npyTypes = map[string]DType{"f4": Float32, "f8": Float64, "f2": Float16, "i1": Int8, "i2": Int16, "i4": Int32, "i8": Int64,
	"u1": Uint8, "u2": Uint16, "b1": Bool}

var npyFields = regexp.MustCompile(`^\{\s*(?:'(descr|fortran_order|shape)':\s*('[^']*'|True|False|\([\d,\s]*\))\s*,?\s*)` +
	`(?:'(descr|fortran_order|shape)':\s*('[^']*'|True|False|\([\d,\s]*\))\s*,?\s*)` +
	`(?:'(descr|fortran_order|shape)':\s*('[^']*'|True|False|\([\d,\s]*\))\s*,?\s*)\}\s*$`)

// npyFile is what the header of an npy file says.
type npyFile struct {
	dtype   DType
	shape   Shape
	fortran bool // the first axis is the nearest one
	big     bool // bytes of an element, the first one counts most
	size    int64
}

// ReadNpy reads a tensor in NumPy's npy format. Nothing that the header claims is
// believed: memory grows with the bytes that are really there.
func ReadNpy(r io.Reader) (*Tensor, error) {
	h, err := readNpyHeader(r)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, h.size+1))
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	if int64(len(b)) != h.size {
		return nil, fmt.Errorf("npy: elements of shape %v of %v are %d bytes, the file has %s%d", h.shape, h.dtype, h.size,
			map[bool]string{true: "more than "}[int64(len(b)) > h.size], min(int64(len(b)), h.size))
	}
	return h.tensor(b), nil
}

// tensor returns the tensor of elements.
func (h *npyFile) tensor(b []byte) *Tensor {
	if n := h.dtype.Bytes(); h.big && n > 1 {
		for at := 0; at < len(b); at += n {
			slices.Reverse(b[at : at+n])
		}
	}
	shape := h.shape.Clone()
	if h.fortran {
		slices.Reverse(shape)
	}
	t := New(h.dtype, shape...)
	t.read(b)
	if !h.fortran || len(shape) < 2 {
		return t
	}
	order := make([]int, len(shape))
	for i := range order {
		order[i] = len(order) - 1 - i
	}
	return t.Permute(order...).Contiguous()
}

func readNpyHeader(r io.Reader) (*npyFile, error) {
	if r == nil {
		return nil, errors.New("npy: the reader is nil")
	}
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || string(start[:6]) != npyMagic {
		return nil, errors.New("npy: not an npy file: it does not begin with \\x93NUMPY")
	}
	length := make([]byte, 2)
	switch start[6] {
	case 1:
	case 2, 3:
		length = make([]byte, 4)
	default:
		return nil, fmt.Errorf("npy: version %d of the format is unknown", start[6])
	}
	if _, err := io.ReadFull(r, length); err != nil {
		return nil, errors.New("npy: the file ends in its header")
	}
	n := int64(binary.LittleEndian.Uint32(append(length, 0, 0)[:4]))
	if n > npyHeader {
		return nil, fmt.Errorf("npy: a header of %d bytes is too long", n)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, errors.New("npy: the file ends in its header")
	}
	return parseNpyHeader(string(text))
}

func parseNpyHeader(text string) (*npyFile, error) {
	m := npyFields.FindStringSubmatch(text)
	if m == nil {
		return nil, fmt.Errorf("npy: the header %.200q is not one of an array of numbers", text)
	}
	fields := map[string]string{m[1]: m[2], m[3]: m[4], m[5]: m[6]}
	h := &npyFile{}
	descr := strings.Trim(fields["descr"], "'")
	name := strings.TrimLeft(descr, "<>|=")
	d, ok := npyTypes[name]
	switch {
	case len(fields) != 3 || fields["fortran_order"] != "True" && fields["fortran_order"] != "False" || !strings.HasPrefix(fields["shape"], "("):
		return nil, fmt.Errorf("npy: the header %.200q is not one of an array of numbers", text)
	case !ok || len(descr)-len(name) > 1:
		return nil, fmt.Errorf("npy: elements of type %.40q are not read: save them as float32, float64, float16, int8 to int64, uint8, uint16 or bool", descr)
	}
	h.dtype, h.fortran, h.big = d, fields["fortran_order"] == "True", strings.HasPrefix(descr, ">")
	h.shape, h.size = Shape{}, int64(d.Bytes())
	for _, size := range strings.Split(strings.Trim(fields["shape"], "()"), ",") {
		if size = strings.TrimSpace(size); size == "" {
			continue
		}
		v, err := strconv.ParseInt(size, 10, 64)
		if err != nil || v > mostElements || v > 0 && h.size > mostElements/v || len(h.shape) >= 64 {
			return nil, fmt.Errorf("npy: there is no memory for a shape of %.100s", fields["shape"])
		}
		h.shape = append(h.shape, int(v))
		h.size *= v
	}
	return h, nil
}

// WriteNpy writes t in NumPy's npy format, which has no bfloat16.
func WriteNpy(w io.Writer, t *Tensor) error {
	if w == nil {
		return errors.New("npy: the writer is nil")
	}
	name := ""
	for n, d := range npyTypes {
		if d == t.DType() {
			name = n
		}
	}
	if name == "" {
		return fmt.Errorf("npy: NumPy has no %v; use To", t.dtype)
	}
	order := "<"
	if t.dtype.Bytes() == 1 {
		order = "|"
	}
	var sizes strings.Builder
	for _, n := range t.shape {
		fmt.Fprintf(&sizes, "%d, ", n)
	}
	shape := sizes.String()
	if len(t.shape) != 1 {
		shape = strings.TrimSuffix(shape, ", ")
	} else {
		shape = strings.TrimSuffix(shape, " ")
	}
	header := fmt.Sprintf("{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }", order, name, shape)
	pad := 64 - (len(npyMagic)+4+len(header)+1)%64
	header += strings.Repeat(" ", pad%64) + "\n"
	start := binary.LittleEndian.AppendUint16([]byte(npyMagic+"\x01\x00"), uint16(len(header)))
	if _, err := w.Write(append(start, header...)); err != nil {
		return err
	}
	return t.write(w)
}

// LoadNpy reads a file in NumPy's npy format.
func LoadNpy(path string) (*Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := ReadNpy(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// SaveNpy writes a file in NumPy's npy format. It replaces an older one only when
// all is written.
func SaveNpy(path string, t *Tensor) error {
	return replaceFile(path, func(w io.Writer) error { return WriteNpy(w, t) })
}

// LoadNpz reads the arrays of a file that numpy.savez or savez_compressed, or
// SaveNpz, has written, in their order.
func LoadNpz(path string) ([]Named, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	all, err := ReadNpz(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// mostDeflated is how many bytes one of deflate's can stand for, at most.
const mostDeflated = 1032

// ReadNpz is LoadNpz of a reader of the given size.
func ReadNpz(r io.ReaderAt, size int64) ([]Named, error) {
	if r == nil {
		return nil, errors.New("npz: the reader is nil")
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("npz: %w", err)
	}
	var all []Named
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("npz: %.100q is no array: its name does not end in .npy", f.Name)
		}
		if slices.ContainsFunc(all, func(n Named) bool { return n.Name == name }) {
			return nil, fmt.Errorf("npz: two arrays are called %.100q", name)
		}
		if f.CompressedSize64 > uint64(size) || f.UncompressedSize64 > mostDeflated*(f.CompressedSize64+1) {
			return nil, fmt.Errorf("npz: %.100q: %d bytes cannot be %d", f.Name, f.CompressedSize64, f.UncompressedSize64)
		}
		t, err := readZipped(f)
		if err != nil {
			return nil, fmt.Errorf("npz: %.100q: %w", f.Name, err)
		}
		all = append(all, Named{name, t})
	}
	return all, nil
}

func readZipped(f *zip.File) (*Tensor, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return ReadNpy(io.LimitReader(r, int64(min(f.UncompressedSize64, 1<<62))+1))
}

// SaveNpz writes arrays with their names as numpy.savez does. It replaces an older
// file only when all is written.
func SaveNpz(path string, tensors []Named) error {
	return replaceFile(path, func(w io.Writer) error { return WriteNpz(w, tensors) })
}

// WriteNpz is SaveNpz to a writer.
func WriteNpz(w io.Writer, tensors []Named) error {
	if w == nil {
		return errors.New("npz: the writer is nil")
	}
	z := zip.NewWriter(w)
	for i, n := range tensors {
		if slices.ContainsFunc(tensors[:i], func(m Named) bool { return m.Name == n.Name }) {
			return fmt.Errorf("npz: two arrays are called %q", n.Name)
		}
		if n.Tensor == nil {
			return fmt.Errorf("npz: %q is nil", n.Name)
		}
		f, err := z.CreateHeader(&zip.FileHeader{Name: n.Name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := WriteNpy(f, n.Tensor); err != nil {
			return fmt.Errorf("npz: %q: %w", n.Name, err)
		}
	}
	return z.Close()
}
