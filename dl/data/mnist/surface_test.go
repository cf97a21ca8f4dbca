package mnist_test

import (
	"context"
	"reflect"
	"testing"

	"modelbook/dl/data/mnist"
	"modelbook/dl/internal/mistakes"
)

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Load": mnist.Load, "LoadFashion": mnist.LoadFashion,
		},
		Types: []reflect.Type{
			reflect.TypeFor[mnist.Digits](),
		},
		Any:  map[string]string{"Digits.String receiver": "it tells the fields"},
		Skip: map[string]string{"Load": "it may download; see below", "LoadFashion": "it may download; see below"},
	}
	s.Test(t)
}

func TestLoadRefusesAnEmptyContext(t *testing.T) {
	ended, end := context.WithCancel(context.Background())
	end()
	for name, load := range map[string]func(context.Context) (*mnist.Digits, error){"Load": mnist.Load, "LoadFashion": mnist.LoadFashion} {
		var none context.Context
		if d, err := load(none); err == nil || d != nil {
			t.Errorf("%s without a context: %v", name, d)
		}
		if d, err := load(ended); err == nil || d != nil {
			t.Errorf("%s with a context that has ended: %v", name, d)
		}
	}
}
