// Package explain asks a trained model which parts of its input a decision rests on: [Saliency] by the gradient of a
// class's score, [GradCAM] by what a convolution has found where, [Occlusion] by covering parts of a picture. They return
// maps that plotting.HeatOverlay draws over the pictures. [Activations] are the numbers inside, the outputs of one of its
// layers. The model computes as it does in use (no dropout, running statistics), and its parameters' gradients are left as
// they are.
package explain
