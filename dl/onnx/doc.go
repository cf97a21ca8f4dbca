// Package onnx writes models of dl/nn to ONNX files, which onnxruntime and other engines run, and reads ONNX files, such
// as torch.onnx.export writes, as models that run, and learn on, here.
//
// Files are of opset [Opset]. Nothing in a file is code. Layers with two inputs, those that remember the batch before
// (Stateful), those that leave out padding (but for nn.GlobalAvgPool1D) and functions (Lambda, Graph.Func) have no form in
// them: [Export] names the layer. Wrappers
// (nn.WeightNorm, nn.SpectralNorm, nn.Constrained, nn.Regularized) become the layer inside, with the weight as it is.
package onnx
