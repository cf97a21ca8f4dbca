// Package onnx writes models of dl/nn to ONNX files, which onnxruntime and other engines run, and reads ONNX files, such
// as torch.onnx.export writes, as models that run, and learn on, here.
//
// Files are of opset [Opset]. Nothing in a file is code.
package onnx
