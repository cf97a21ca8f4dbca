package dl

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// typesFile is where a file goes for testdata/types_of_files.py.
var typesFile = flag.String("types", "", "where to write a file with all types of elements, for testdata/types_of_files.py")

// PyTorch has read a file of ours with elements of all types, written from whatever dl computes with: the file is the
// one that it has read, and its values are those that we read from it.
func TestPyTorchReadsOurFiles(t *testing.T) {
	numbers := Of([]float64{0, 1, -2, 0.5, 1.5, 100, -96, 1.0 / 64}, 2, 4)
	tensors := []Named{{"float32", Of([]float32{0.1, -3e38, 1e-45})}, {"float64", Of([]float64{0.1, -1e300}, 2, 1)}, {"int64", Of([]int64{-1 << 60, 1 << 53})},
		{"int32", Of([]int32{-1 << 31, 1<<31 - 1})}, {"int16", Of([]int16{-1 << 15, 1<<15 - 1})}, {"int8", Of([]int8{-128, 127})}, {"uint8", Of([]uint8{0, 255})},
		{"uint16", Of([]uint16{0, 65535})}, {"bool", Of([]bool{true, false, true}, 1, 3)}, {"float16", numbers.To(Float16)}, {"bfloat16", numbers.To(BFloat16)},
		{"float8_e4m3fn", numbers}, {"float8_e5m2", numbers.To(Float32)}, {"uint32", Of([]int64{0, 1<<32 - 1})}, {"uint64", Of([]int64{0, 1 << 53})},
		{"int16 of floats", Of([]float32{-3, 300})}, {"scalar", Scalar(2.5)}, {"nothing", Zeros(0, 3)}, {"a view", Arange(6).Reshape(2, 3).T()}}
	as := map[string]string{"float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "uint32": "U32", "uint64": "U64", "int16 of floats": "I16"}
	path := *typesFile
	if path == "" {
		path = filepath.Join(t.TempDir(), "types.safetensors")
	}
	if err := SaveSafetensorsAs(path, tensors, map[string]string{"format": "pt"}, as); err != nil {
		t.Fatal(err)
	}
	if *typesFile != "" {
		return
	}
	var record struct {
		SHA256  string
		Tensors map[string]struct {
			DType  string
			Shape  []int
			Values []float64
		}
	}
	b, err := os.ReadFile("testdata/types_read.json")
	if err == nil {
		err = json.Unmarshal(b, &record)
	}
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != record.SHA256 {
		t.Error("the file is another one than PyTorch has read: see testdata/types_of_files.py")
	}
	ours, _, err := LoadSafetensors(path)
	if err != nil || len(ours) != len(record.Tensors) {
		t.Fatalf("%d tensors, PyTorch has %d: %v", len(ours), len(record.Tensors), err)
	}
	for i, n := range ours {
		theirs := record.Tensors[n.Name]
		if want := map[string]string{"int16 of floats": "int16", "scalar": "float32", "nothing": "float32", "a view": "float32"}[n.Name]; theirs.DType != n.Name && theirs.DType != want {
			t.Errorf("%s is of %s there", n.Name, theirs.DType)
		}
		if !slices.Equal(theirs.Shape, n.Tensor.Shape()) || !slices.Equal(theirs.Values, Values[float64](n.Tensor.To(Float64))) {
			t.Errorf("%s is %v there, %v here", n.Name, theirs.Values, n.Tensor)
		}
		if as[n.Name] == "" && !slices.Equal(theirs.Values, Values[float64](tensors[i].Tensor.Contiguous().To(Float64))) {
			t.Errorf("%s is %v there, was %v", n.Name, theirs.Values, tensors[i].Tensor)
		}
	}
}
