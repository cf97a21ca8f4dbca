package dl

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// A mapped file has the tensors of one that is read, of all types, and what is written to them does not reach it.
func TestMappedFileIsTheFile(t *testing.T) {
	read, err := OpenSafetensors("testdata/types.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	mapped, err := MapSafetensors("testdata/types.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer mapped.Close()
	before, err := os.ReadFile("testdata/types.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, info := range read.Tensors() {
		want, errRead := read.Read(info.Name)
		got, errMap := mapped.Read(info.Name)
		if (errRead == nil) != (errMap == nil) {
			t.Errorf("%s: %v read, %v mapped", info.Name, errRead, errMap)
		}
		if errRead != nil {
			continue
		}
		compared++
		if got.DType() != want.DType() || !got.Shape().Equal(want.Shape()) {
			t.Errorf("%s is %v %v, read it is %v %v", info.Name, got.DType(), got.Shape(), want.DType(), want.Shape())
		}
		a, _ := want.MarshalBinary()
		b, _ := got.MarshalBinary()
		if !bytes.Equal(a, b) {
			t.Errorf("%s has other elements", info.Name)
		}
		if got.DType().IsFloat() && got.Size() > 0 {
			got.CopyFrom(Full(3, got.Shape()...)) // a private copy of the page
		}
	}
	if compared < 10 {
		t.Errorf("only %d tensors were compared", compared)
	}
	after, err := os.ReadFile("testdata/types.safetensors")
	if err != nil || !bytes.Equal(before, after) {
		t.Error("writing to a mapped tensor has changed the file", err)
	}
}

func TestMappedFileTakesNoMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := SaveSafetensors(path, []Named{{"w", Full(2, 512, 512)}}, nil); err != nil {
		t.Fatal(err)
	}
	f, err := MapSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size := testing.AllocsPerRun(10, func() {
		if w, err := f.Read("w"); err != nil || w.Float32s()[100] != 2 {
			t.Fatal(w, err)
		}
	})
	if size > 10 {
		t.Errorf("%v allocations for a mapped tensor", size)
	}
	if err := os.WriteFile(path+"x", []byte("nonsense"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := MapSafetensors(path + "x"); err == nil {
		t.Error("nonsense was mapped")
	}
}
