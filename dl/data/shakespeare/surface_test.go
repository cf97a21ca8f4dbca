package shakespeare_test

import (
	"reflect"
	"testing"

	"modelbook/dl/data/shakespeare"
	"modelbook/dl/internal/mistakes"
)

// Every exported function is called: see package mistakes. None takes arguments.
func TestEveryExportedFunctionIsCalled(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Split": shakespeare.Split, "Text": shakespeare.Text,
		},
		Types: []reflect.Type{},
	}
	s.Test(t)
}
