package iris_test

import (
	"reflect"
	"testing"

	"modelbook/dl/data/iris"
	"modelbook/dl/internal/mistakes"
)

// Every exported function is called: see package mistakes. None takes arguments.
func TestEveryExportedFunctionIsCalled(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Load": iris.Load, "Table": iris.Table,
		},
		Types: []reflect.Type{},
	}
	s.Test(t)
}
