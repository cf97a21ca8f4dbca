package gguf_test

import (
	"bytes"
	"os"
	"reflect"
	"testing"

	"modelbook/dl/gguf"
	"modelbook/dl/internal/mistakes"
)

func pairs() []gguf.Pair {
	return []gguf.Pair{{Key: "general.architecture", Value: "llama"}, {Key: "n", Value: uint32(3)}}
}

func sources() []gguf.Source {
	return []gguf.Source{{Name: "w", Shape: []int{2, 3}, Type: gguf.F32, Values: make([]float32, 6)}}
}

func content() []byte {
	var b bytes.Buffer
	if err := gguf.Write(&b, pairs(), sources()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func parsed() *gguf.File {
	f, err := gguf.Parse(content())
	if err != nil {
		panic(err)
	}
	return f
}

func tensor() gguf.Tensor {
	t, ok := parsed().Tensor("w")
	if !ok {
		panic("no tensor")
	}
	return t
}

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Dequantize": gguf.Dequantize, "Open": gguf.Open, "Parse": gguf.Parse, "Quantize": gguf.Quantize,
			"Save": gguf.Save, "Write": gguf.Write,
		},
		Types: []reflect.Type{
			reflect.TypeFor[gguf.File](), reflect.TypeFor[gguf.Pair](), reflect.TypeFor[gguf.Source](),
			reflect.TypeFor[gguf.Tensor](), reflect.TypeFor[gguf.Type](),
		},
		Any: map[string]string{
			"key": "false where there is none", "name": "false where there is none", "{Name}": "what a tensor is called", "{Key}": "what an entry is called",
			"File.Close receiver": "nothing is open then", "File.Float receiver": "it looks in Metadata", "File.Int receiver": "it looks in Metadata",
			"File.Tensor receiver": "it looks for a name", "File.Text receiver": "it looks in Metadata", "Tensor.Bytes receiver": "it is what Open found",
		},
	}
	s.Args = map[string]func() []any{
		"Open": func() []any {
			if err := os.WriteFile("x.gguf", content(), 0o666); err != nil {
				t.Fatal(err)
			}
			return []any{"x.gguf"}
		},
		"Parse":      func() []any { return []any{content()} },
		"Save":       func() []any { return []any{"y.gguf", pairs(), sources()} },
		"Dequantize": func() []any { return []any{gguf.Q8_0, make([]float32, 32), make([]byte, 34)} },
		"Quantize":   func() []any { return []any{gguf.Q8_0, make([]byte, 34), make([]float32, 32)} },
	}
	s.Good(parsed, tensor, func() gguf.Pair { return pairs()[0] }, func() gguf.Source { return sources()[0] }, func() gguf.Type { return gguf.F32 })
	s.Test(t)
}
