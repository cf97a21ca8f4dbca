package dl

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file holds names, dtypes, shapes and values of every kind, in their order.
func TestFileKeepsEveryDType(t *testing.T) {
	want := []Named{
		{"f32", Of([]float32{1, -2.5, 3e38, 0}, 2, 2)}, {"f64", Of([]float64{1e300, -1})},
		{"i32", Of([]int32{-1, 1 << 30})}, {"i64", Of([]int64{-1 << 60, 7, 8}, 3, 1)},
		{"u8", Of([]uint8{0, 255})}, {"bool", Of([]bool{true, false, true})},
		{"scalar", Scalar(4)}, {"empty", Zeros(0, 3)},
	}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	for range 2 { // the second time replaces the first
		if err := SaveSafetensors(path, want, map[string]string{"who": "test"}); err != nil {
			t.Fatal(err)
		}
	}
	got, meta, err := LoadSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) || meta["who"] != "test" {
		t.Fatalf("%d tensors, metadata %v", len(got), meta)
	}
	for i, w := range want {
		if g := got[i]; g.Name != w.Name || g.Tensor.String() != w.Tensor.String() {
			t.Errorf("%s: %v, want %v", w.Name, g.Tensor, w.Tensor)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".x*")); err != nil || len(left) > 0 {
		t.Errorf("files left behind: %v, %v", left, err)
	}
}

// file is a safetensors file put together by hand, from the specification.
func file(header string, body ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), body...)
}

func TestFileFromTheSpecification(t *testing.T) {
	b := file(`{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}`, 0, 0, 128, 63, 0, 0, 0, 192)
	got, meta, err := ReadSafetensors(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Name != "x" || !got[0].Tensor.shape.Equal(Shape{1, 2}) || got[0].Tensor.f32()[0] != 1 || got[0].Tensor.f32()[1] != -2 || meta["a"] != "b" {
		t.Errorf("%v, %v", got, meta)
	}
}

// hostile are files that must be errors.
var hostile = map[string][]byte{
	"nothing":               {},
	"no header":             {1, 0, 0},
	"header of 2^63 bytes":  {0, 0, 0, 0, 0, 0, 0, 128},
	"header behind the end": file(`{}`)[:9],
	"not JSON":              file(`{"x":`),
	"not an object":         file(`[1]`),
	"name twice":            file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1),
	"unknown dtype":         file(`{"x":{"dtype":"F7","shape":[1],"data_offsets":[0,1]}}`, 1),
	"no place":              file(`{"x":{"dtype":"U8","shape":[1]}}`, 1),
	"place behind the end":  file(`{"x":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}`, 1),
	"place backwards":       file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}`, 1),
	"negative place":        file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}`, 1),
	"negative shape":        file(`{"x":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}`, 1),
	"shape overflows":       file(`{"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}`),
	"shape overflows, zero": file(`{"x":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904,0],"data_offsets":[0,0]}}`),
	"shape is not place":    file(`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 1, 2, 3, 4),
	"overlap":               file(`{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 1, 2, 3),
	"gap":                   file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 1, 2, 3),
	"text behind":           file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}x`, 1),
	"bytes behind":          file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1, 2),
	"metadata not text":     file(`{"__metadata__":{"a":1}}`),
}

func TestHostileFilesAreErrors(t *testing.T) {
	for name, b := range hostile {
		if got, _, err := ReadSafetensors(bytes.NewReader(b), int64(len(b))); err == nil {
			t.Errorf("%s: read as %v", name, got)
		} else if !strings.HasPrefix(err.Error(), "safetensors: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := file(`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 1, 2, 3, 4, 5, 6, 7, 8)
	for n := range len(whole) {
		path := filepath.Join(t.TempDir(), "cut")
		if err := os.WriteFile(path, whole[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		if _, _, err := LoadSafetensors(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
	if _, _, err := LoadSafetensors(t.TempDir()); err == nil {
		t.Error("a folder was read")
	}
}

// No bytes make the reader crash, and what it accepts it writes as it read it.
func FuzzSafetensorsFile(f *testing.F) {
	for _, b := range hostile {
		f.Add(b)
	}
	f.Add(file(`{"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}`, 0, 0, 128, 63, 0, 0, 0, 192))
	f.Fuzz(func(t *testing.T, b []byte) {
		tensors, meta, err := ReadSafetensors(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := WriteSafetensors(&out, tensors, meta); err != nil {
			t.Fatal(err)
		}
		again, _, err := ReadSafetensors(&out, int64(out.Len()))
		if err != nil || len(again) != len(tensors) {
			t.Fatalf("%d tensors, %v", len(again), err)
		}
	})
}
