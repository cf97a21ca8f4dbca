package nn

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
)

// refuse panics for targets that another loss takes, and for outputs that lack a layer: with what to write instead.
func (l *Loss) refuse(output, target *dl.Tensor) {
	if l.values == nil || output == nil || target == nil || output.Rank() == 0 || target.Rank() == 0 || output.Dim(0) != target.Dim(0) {
		return // a loss of another's own, or said by the computation
	}
	columns := output.Dim(-1)
	wide := target.Rank() == output.Rank() && output.Rank() > 1 && target.Dim(-1) == columns
	numbers := target.Rank() == output.Rank()-1 && output.Rank() > 1
	places := target.Rank() == 1 && output.Rank() > 2
	lacks := ""
	switch l.Name {
	case SparseCrossEntropy.Name, SparseCrossEntropyLogits.Name, NLL.Name, SparseFocal.Name:
		switch {
		case wide && columns > 1:
			lacks = "class numbers are needed, and these targets are as wide as the outputs: nn.CategoricalCrossEntropy takes one-hot rows, and ArgMax(-1) makes class numbers of them"
		case places:
			lacks = "there is a class number for each sample, and there are outputs for each of its places: nn.Flatten, or a global pool such as nn.GlobalAvgPool2D, before the last layer makes one row of a sample"
		case numbers && columns == 1 && !target.DType().IsFloat() && target.Size() > 0 && target.To(dl.Float32).Max().Item() > 0:
			lacks = "one output cannot tell classes apart: give the last layer a unit for each class, or, of two classes, a Sigmoid and nn.BinaryCrossEntropy"
		}
	case CategoricalCrossEntropy.Name, CategoricalCrossEntropyLogits.Name, CategoricalFocal.Name, CategoricalHinge.Name:
		if numbers && !target.DType().IsFloat() {
			lacks = fmt.Sprintf("one-hot rows are needed, and these are class numbers: nn.SparseCrossEntropy takes them, and data.OneHot(d, %d) makes rows of them", columns)
		}
	case BinaryCrossEntropy.Name, BinaryCrossEntropyLogits.Name, BinaryFocal.Name, BinaryFocalLogits.Name:
		if numbers && columns > 1 {
			lacks = "a target for each output is needed, and these are class numbers: nn.SparseCrossEntropy behind a Softmax takes them; of two classes one unit with a Sigmoid is enough"
		}
		if _, softmax := gradient.Logits(output, false).(*dl.Tensor); softmax && columns == 1 {
			lacks = "the outputs are those of a Softmax, which is always 1 where there is one output: use nn.Sigmoid"
		}
	}
	if lacks != "" {
		dl.PanicShape("nn."+pascal(l.Name), lacks, output, target)
	}
}
