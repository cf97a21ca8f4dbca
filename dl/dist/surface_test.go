package dist_test

import (
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/dist"
	"modelbook/dl/internal/mistakes"
)

// Every exported function and method is called with wrong arguments, by the only rank: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	c, err := dist.Init()
	if err != nil {
		t.Fatal(err)
	}
	const ends = "it ends the program"
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Init": dist.Init, "Run": dist.Run, "AllReduce[float32]": dist.AllReduce[float32], "AllReduce[float64]": dist.AllReduce[float64],
			"Broadcast[float32]": dist.Broadcast[float32], "Broadcast[float64]": dist.Broadcast[float64],
		},
		Types: []reflect.Type{reflect.TypeFor[dist.Comm]()},
		Skip: map[string]string{
			"Run": ends, "Comm.Abort": ends, "Comm.Finalize": "nothing can be done after it",
			"Comm.Send": "there is no other rank: see together", "Comm.Receive": "there is no other rank: see together",
		},
		Unlisted: map[string]string{},
	}
	for _, method := range []string{"Rank", "Size", "Name", "String", "Barrier", "Gather"} {
		s.Unlisted["Comm."+method+" receiver"] = "it tells what is there"
	}
	s.Good(func() *dist.Comm { return c }, func() []*dl.Tensor { return []*dl.Tensor{dl.Ones(3).RequireGrad()} })
	s.OnlyBad("nil", func() *dist.Comm { return nil })
	s.OnlyBad("not made by Init", func() *dist.Comm { return &dist.Comm{} })
	s.Test(t)
}
