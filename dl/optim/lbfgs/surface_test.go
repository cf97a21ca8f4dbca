package lbfgs_test

import (
	"context"
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/internal/mistakes"
	"modelbook/dl/optim/lbfgs"
)

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{"Minimize": lbfgs.Minimize},
		Types:     []reflect.Type{reflect.TypeFor[lbfgs.Options](), reflect.TypeFor[lbfgs.Result]()},
	}
	w := dl.Of([]float64{1, 2, 3}).RequireGrad()
	loss := func() *dl.Tensor { return w.Square().Sum() }
	s.Args = map[string]func() []any{
		"Minimize": func() []any {
			return []any{context.Background(), []*dl.Tensor{w}, loss, lbfgs.Options{}}
		},
	}
	s.Good(func() func() *dl.Tensor { return loss })
	s.Bad("that returns nil", func() func() *dl.Tensor { return func() *dl.Tensor { return nil } })
	s.Bad("that returns a vector", func() func() *dl.Tensor { return func() *dl.Tensor { return w.Square() } })
	s.Bad("that returns NaN", func() func() *dl.Tensor {
		return func() *dl.Tensor { return w.Sum().Log().Mul(dl.Full(-1).To(dl.Float64).Log()) }
	})
	s.Bad("without gradients", func() func() *dl.Tensor { return func() *dl.Tensor { return dl.Scalar(1) } })
	s.Test(t)
}
