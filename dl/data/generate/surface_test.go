package generate_test

import (
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data/generate"
	"modelbook/dl/internal/mistakes"
)

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Blobs": generate.Blobs, "BlobsAt": generate.BlobsAt, "Checkerboard": generate.Checkerboard,
			"Circles": generate.Circles, "Classification": generate.Classification, "Friedman1": generate.Friedman1,
			"Friedman2": generate.Friedman2, "Friedman3": generate.Friedman3, "Moons": generate.Moons,
			"Regression": generate.Regression, "SCurve": generate.SCurve, "Spirals": generate.Spirals,
			"SwissRoll": generate.SwissRoll,
		},
		Types: []reflect.Type{
			reflect.TypeFor[generate.Classes](),
		},
		Any: map[string]string{"r": "nil and a zero Rand are the default source"},
	}
	r := dl.NewRand(1)
	s.Args = map[string]func() []any{
		"BlobsAt":                func() []any { return []any{12, [][]float64{{0, 1}, {2, 3}}, 1.0, r} },
		"Blobs":                  func() []any { return []any{12, 3, 2, 1.0, r} },
		"Spirals":                func() []any { return []any{12, 3, 1.5, 0.1, r} },
		"Friedman1":              func() []any { return []any{12, 6, 0.1, r} },
		"Regression":             func() []any { return []any{12, 6, 3, 0.1, r} },
		"Classification":         func() []any { return []any{12, r} },
		"Classes.Classification": func() []any { return []any{generate.Classes{}, 12, r} },
	}
	s.Test(t)
}
