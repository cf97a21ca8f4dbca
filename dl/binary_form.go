package dl

import (
	"bytes"
	"errors"
	"fmt"
)

// MarshalBinary writes the tensor in the safetensors format, for gob and for
// saved sessions. Its gradient, and how it was computed, are not part of it;
// whether it requires a gradient is.
func (t *Tensor) MarshalBinary() ([]byte, error) {
	t.check()
	var meta map[string]string
	if t.requires {
		meta = map[string]string{"requires_grad": "true"}
	}
	var b bytes.Buffer
	err := WriteSafetensors(&b, []Named{{"tensor", t}}, meta)
	return b.Bytes(), err
}

// UnmarshalBinary makes t what MarshalBinary wrote. Nothing that the bytes say
// is trusted.
func (t *Tensor) UnmarshalBinary(b []byte) error {
	if t == nil {
		return errors.New("dl: the tensor to be filled is nil")
	}
	all, meta, err := ReadSafetensors(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	if len(all) != 1 || all[0].Name != "tensor" {
		return errors.New("dl: not one tensor")
	}
	if meta["requires_grad"] == "true" && !all[0].Tensor.dtype.IsFloat() {
		return fmt.Errorf("dl: a tensor of %v has no gradient", all[0].Tensor.dtype)
	}
	*t = *all[0].Tensor
	t.requires = meta["requires_grad"] == "true"
	return nil
}
