package dl

import (
	"bytes"
	"encoding/gob"
	"testing"
)

func TestATensorGoesThroughGob(t *testing.T) {
	for _, x := range []*Tensor{Of([]float32{1, 2, 3, 4, 5, 6}, 2, 3).RequireGrad(), Of([]int64{-1}, 1, 1), Scalar(3), Zeros(0, 4), Zeros(4, 0), New(Bool, 2, 3, 0), Of([]bool{true, false})} {
		var b bytes.Buffer
		if err := gob.NewEncoder(&b).Encode(x); err != nil {
			t.Fatal(err)
		}
		var y *Tensor
		if err := gob.NewDecoder(&b).Decode(&y); err != nil {
			t.Fatal(err)
		}
		if !y.Shape().Equal(x.Shape()) || y.DType() != x.DType() || y.String() != x.String() || y.RequiresGrad() != x.RequiresGrad() {
			t.Errorf("%v became %v", x, y)
		}
	}
	y := Ones(2)
	for _, b := range [][]byte{nil, []byte("x"), make([]byte, 100)} {
		if y.UnmarshalBinary(b) == nil || y.Size() != 2 {
			t.Errorf("%q is taken for a tensor", b)
		}
	}
}
