package zoo

import "modelbook/dl/nn"

// LoadTorchvision sets the parameters of a [ResNet], [VGG] or [MobileNetV2] to those of a safetensors file with the
// state_dict of torchvision's model, as this writes it:
//
//	from safetensors.torch import save_file
//	import torchvision
//	save_file(torchvision.models.resnet18(weights="DEFAULT").state_dict(), "resnet18.safetensors")
//
// With partial, what is missing, or unexpected, is not an error. For a model with other classes than the file's use
// [nn.LoadWeights] itself, with a Rename that leaves out the last layer.
func LoadTorchvision(path string, m nn.Module, partial bool) (nn.Mismatch, error) {
	return nn.LoadWeights(path, m, nn.WeightOptions{PyTorch: true, Partial: partial})
}
