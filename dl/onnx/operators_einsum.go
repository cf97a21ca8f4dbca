package onnx

import (
	"slices"
	"strings"

	"modelbook/dl"
)

// einsum adds up products of the elements of one or two tensors by an equation, whose result may be much larger than they.
func einsum(c *call) []*dl.Tensor {
	equation := strings.ReplaceAll(c.text("equation", ""), " ", "")
	left, right, arrow := strings.Cut(equation, "->")
	parts, inputs := strings.Split(left, ","), slices.DeleteFunc(slices.Clone(c.in), func(x *dl.Tensor) bool { return x == nil })
	if len(parts) != len(inputs) {
		c.fail("the equation %.80q is not one of %d inputs", equation, len(inputs))
	}
	size := map[rune]int{}
	var dots []int // what "..." stands for, from the last axis on
	for i, part := range parts {
		before, after, open := strings.Cut(part, "...")
		shape := inputs[i].Shape()
		more := len(shape) - len(before) - len(after)
		if more < 0 || more > 0 && !open {
			c.fail("the equation %.80q is not one of an input %v", equation, shape)
		}
		for k, d := range slices.Backward(shape[len(before) : len(before)+more]) {
			if at := more - 1 - k; at == len(dots) {
				dots = append(dots, d)
			} else {
				dots[at] = max(dots[at], d)
			}
		}
		for k, index := range before {
			size[index] = max(size[index], shape[k])
		}
		for k, index := range after {
			size[index] = max(size[index], shape[len(before)+more+k])
		}
	}
	if !arrow {
		for _, index := range left {
			if index != ',' && strings.Count(left, string(index)) == 1 {
				right += string(index)
			}
		}
	}
	for _, part := range append(parts, right) { // operands are stretched, too
		shape := slices.Clone(dots)
		for _, index := range strings.ReplaceAll(part, ".", "") {
			shape = append(shape, size[index])
		}
		c.size(shape)
	}
	return []*dl.Tensor{dl.Einsum(equation, inputs...)}
}
