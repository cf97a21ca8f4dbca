package breastcancer_test

import (
	"reflect"
	"testing"

	"modelbook/dl/data/breastcancer"
	"modelbook/dl/internal/mistakes"
)

// Every exported function is called: see package mistakes. None takes arguments.
func TestEveryExportedFunctionIsCalled(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Load": breastcancer.Load, "Table": breastcancer.Table,
		},
		Types: []reflect.Type{},
	}
	s.Test(t)
}
