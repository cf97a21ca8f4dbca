package data

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// Ignored as a target says that the place does not count in the loss, as in PyTorch: see [Answers].
const Ignored = -100

// Answers is a dataset of prompts with their answers, as tokens, to fine-tune a language model to answer: an instruction
// mask. The input of a sample is prompt, answer and End; the target at each place is the token that follows. Targets that
// belong to the prompt and to padding are [Ignored], so that the model learns what to say and not what it is asked. A
// batch is as long as its longest sample; the others are filled up on the right with Pad.
//
// lm.Loss takes these targets as they are; of nn's losses it is nn.SparseCrossEntropyLogits with
// LossOptions{Ignore: []int{data.Ignored}}.
type Answers struct {
	Prompts, Answers [][]int
	End              []int // tokens behind each answer, such as the one that ends a text, which is learned, too; nil: none
	Pad              int   // any token: it counts nowhere
	Max              int   // tokens of a sample; longer ones lose the beginnings of their prompts, then the ends of their answers; 0: no limit
	LearnPrompts     bool  // prompts count, too
}

// Len is the number of samples.
func (a Answers) Len() int { return len(a.Prompts) }

// cut is how many tokens a sample keeps of its prompt, at the end, and of its answer with End.
func (a Answers) cut(i int) (prompt, answer int) {
	prompt, answer = len(a.Prompts[i]), len(a.Answers[i])+len(a.End)
	if a.Max > 0 {
		answer = min(answer, a.Max) // the last of them is a target alone, so that Max tokens are read with one of the prompt
		prompt = min(prompt, a.Max+1-answer)
	}
	return prompt, answer
}

// length is the number of places of a sample.
func (a Answers) length(i int) int {
	prompt, answer := a.cut(i)
	return max(prompt+answer-1, 1)
}

func (a Answers) check() {
	const op = "data.Answers"
	if len(a.Prompts) != len(a.Answers) {
		dl.PanicValue(op, "there are %d prompts and %d answers", len(a.Prompts), len(a.Answers))
	}
	if a.Max < 0 || a.Max == math.MaxInt {
		dl.PanicValue(op, "Max is %d; it is a number of tokens, or 0 for no limit", a.Max)
	}
	if a.Pad < 0 || a.Pad > math.MaxInt32 {
		dl.PanicValue(op, "Pad is %d; it is a token, an int32 that is not negative", a.Pad)
	}
	for i := range a.Prompts {
		if len(a.Prompts[i]) == 0 || len(a.Answers[i])+len(a.End) == 0 {
			dl.PanicValue(op, "sample %d has a prompt of %d tokens and an answer of %d; each needs one", i, len(a.Prompts[i]), len(a.Answers[i])+len(a.End))
		}
	}
}

// Lengths is the number of places of each sample: for [ByLength].
func (a Answers) Lengths() []int {
	lengths := make([]int, len(a.Prompts))
	a.check()
	for i := range lengths {
		lengths[i] = a.length(i)
	}
	return lengths
}

// Spec has the shapes of a batch of all samples.
func (a Answers) Spec() Spec { return a.BatchSpec(sequence(len(a.Prompts))) }

// BatchSpec has the shapes of a batch of some samples: int32 [T], input and target.
func (a Answers) BatchSpec(samples []int) Spec {
	a.check()
	longest := 1
	for _, i := range samples {
		mustBeSample("data.Answers.BatchSpec", i, len(a.Prompts))
		longest = max(longest, a.length(i))
	}
	return a.spec(longest)
}

func (a Answers) spec(longest int) Spec {
	return Spec{X: dl.Shape{longest}, XType: dl.Int32, Y: dl.Shape{longest}, YType: dl.Int32}
}

// Read fills a batch: see [Dataset].
func (a Answers) Read(b Batch, samples []int) error {
	if err := dl.Try(a.check); err != nil {
		return err
	}
	longest := 1
	for _, i := range samples {
		if i >= 0 && i < len(a.Prompts) {
			longest = max(longest, a.length(i))
		}
	}
	if b.X != nil && b.X.Rank() == 2 {
		longest = max(longest, b.X.Dim(1)) // more is filled up than is needed
	}
	spec := a.spec(longest)
	if err := b.room(&spec, samples, len(a.Prompts)); err != nil {
		return err
	}
	length, xs, ys := b.X.Dim(1), b.X.Int32s(), b.Y.Int32s()
	for row, i := range samples {
		x, y := xs[row*length:][:length], ys[row*length:][:length]
		for j := range x {
			x[j], y[j] = int32(a.Pad), Ignored
		}
		prompt, answer := a.cut(i)
		from := len(a.Prompts[i]) - prompt
		for j := range prompt + answer {
			var token int
			switch at := j - prompt; {
			case at < 0:
				token = a.Prompts[i][from+j]
			case at < len(a.Answers[i]):
				token = a.Answers[i][at]
			default:
				token = a.End[at-len(a.Answers[i])]
			}
			if token < 0 || token > math.MaxInt32 {
				return fmt.Errorf("data.Answers: the token %d of sample %d is no int32 that is not negative", token, i)
			}
			if j < length {
				x[j] = int32(token)
			}
			if j > 0 && (j >= prompt || a.LearnPrompts) {
				y[j-1] = int32(token)
			}
		}
		// The last token of a sample is a target, and no input.
		if n := prompt + answer - 1; n < length {
			x[n] = int32(a.Pad)
		}
	}
	return nil
}
