"""Resizing, padding, cropping and shuffling: writes resize.json."""
from record import *

seq, image, volume = away(2, 4, 2), away(1, 3, 4, 2), away(1, 2, 3, 2, 2)
up = lambda name, x, **o: case(name, lambda x: nhwc(F.interpolate(nchw(x), **o)), x)
up("Upsample1D", seq, scale_factor=2, mode="nearest")
up("Upsample1D linear", seq, size=7, mode="linear", align_corners=True)
up("Upsample2D", image, scale_factor=2, mode="nearest")
up("Upsample2D linear", image, scale_factor=(3, 2), mode="bilinear")
up("Upsample2D cubic", image, size=(5, 6), mode="bicubic", align_corners=True)
up("Upsample2D area", image, size=(2, 3), mode="area")
up("Upsample3D", volume, scale_factor=2, mode="nearest")
up("Upsample3D linear", volume, size=(3, 4, 3), mode="trilinear")

sides = {1: (1, 2), 2: (2, 1, 1, 0), 3: (1, 0, 2, 1, 0, 1)}  # PyTorch's: last axis first
for n, x in [(1, seq), (2, image), (3, volume)]:
    case(f"ZeroPad{n}D", lambda x: nhwc(F.pad(nchw(x), sides[n])), x)
    case(f"ReflectionPad{n}D", lambda x: nhwc(F.pad(nchw(x), sides[n], mode="reflect")), x)
    case(f"ReplicationPad{n}D", lambda x: nhwc(F.pad(nchw(x), sides[n], mode="replicate")), x)
case("Crop1D", lambda x: x[:, 1:3], seq)
case("Crop2D", lambda x: x[:, 1:, 1:2], image)
case("Crop3D", lambda x: x[:, :1, 1:2, :], volume)
case("PixelShuffle", lambda x: nhwc(F.pixel_shuffle(nchw(x), 2)), away(1, 2, 3, 8))
case("PixelUnshuffle", lambda x: nhwc(F.pixel_unshuffle(nchw(x), 2)), away(1, 4, 2, 2))
case("ChannelShuffle", lambda x: nhwc(F.channel_shuffle(nchw(x), 3)), away(2, 2, 3, 6))
case("ChannelShuffle of rows", lambda x: F.channel_shuffle(x[:, :, None], 2)[:, :, 0], away(3, 6))
save(__file__)
