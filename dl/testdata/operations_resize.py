# Resizing. Channels are last in dl, and behind the batch in PyTorch.
first, last = lambda x: x.movedim(-1, 1), lambda x: x.movedim(1, -1)
for kind, x, sizes, linear in [(" of sequences", away(2, 4, 2), [(7,), (3,)], "linear"), ("", away(1, 3, 4, 2), [(6, 8), (2, 5)], "bilinear"),
                               (" of volumes", away(1, 2, 3, 2, 2), [(3, 2, 5)], "trilinear")]:
    for size in sizes:
        name = "dl.Resize" + kind + " to " + "x".join(map(str, size))
        case(name + ", nearest", lambda x: last(F.interpolate(first(x), size, mode="nearest")), x)
        case(name + ", area", lambda x: last(F.interpolate(first(x), size, mode="area")), x)
        for corners in [False, True]:
            case(name + ", linear" + (", corners" if corners else ""), lambda x: last(F.interpolate(first(x), size, mode=linear, align_corners=corners)), x)
            if x.dim() == 4:
                case(name + ", cubic" + (", corners" if corners else ""), lambda x: last(F.interpolate(first(x), size, mode="bicubic", align_corners=corners)), x)
case("dl.PixelShuffle", lambda x: last(F.pixel_shuffle(first(x), 2)), away(2, 2, 3, 8))
case("dl.PixelUnshuffle", lambda x: last(F.pixel_unshuffle(first(x), 2)), away(2, 4, 6, 2))
case("dl.ChannelShuffle", lambda x: last(F.channel_shuffle(first(x), 3)), away(2, 2, 3, 6))
