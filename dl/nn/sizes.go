package nn

// Convolutions, pools and resizes take samples of any size: see [AnySize].

// AnySize is true: see the interface of that name.
func (*Conv1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*Conv3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ConvTranspose1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ConvTranspose2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ConvTranspose3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*DepthwiseConv1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*DepthwiseConv2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*SeparableConv1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*SeparableConv2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*MaxPool1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*MaxPool3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*AvgPool1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*AvgPool3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*GlobalAvgPool1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*GlobalAvgPool2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*GlobalAvgPool3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*GlobalMaxPool1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*GlobalMaxPool2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*GlobalMaxPool3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*AdaptiveAvgPool1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*AdaptiveAvgPool2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*AdaptiveAvgPool3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*AdaptiveMaxPool1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*AdaptiveMaxPool2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*AdaptiveMaxPool3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*Upsample1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*Upsample2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*Upsample3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ZeroPad1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ZeroPad2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ZeroPad3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ReflectionPad1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ReflectionPad2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ReflectionPad3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ReplicationPad1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ReplicationPad2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ReplicationPad3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*Crop1D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*Crop2D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*Crop3D) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*PixelShuffle) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*PixelUnshuffle) AnySize() bool { return true }

// AnySize is true: see the interface of that name.
func (*ChannelShuffle) AnySize() bool { return true }
