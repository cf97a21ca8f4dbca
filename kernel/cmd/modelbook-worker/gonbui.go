package main

import (
	"encoding/gob"
	"encoding/json"
)

// gonbui sends what it shows through one gob encoder, which does not recover from
// an error: a single value of a type that is not registered would end all display
// until the worker ends. So the types of JSON data and metadata are registered
// from the start.
func init() {
	for _, value := range []any{
		map[string]any{}, map[string]bool{}, map[string][]any{}, map[string][]float64{}, map[string][]string{}, map[string]map[string]any{},
		[]any{}, []bool{}, [][]any{}, [][]float64{}, [][]int{}, [][]string{}, []map[string]any{}, []float32{}, []byte{},
		json.RawMessage{}, json.Number(""),
	} {
		gob.Register(value)
	}
}
