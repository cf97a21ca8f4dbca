"""Pools: writes pool.json."""
from record import *

seq, image, volume = away(2, 6, 2), away(1, 6, 5, 2), away(1, 3, 4, 4, 2)
pool = lambda name, f, x, *a, **o: case(name, lambda x: nhwc(f(nchw(x), *a, **o)), x)
pool("MaxPool1D", F.max_pool1d, seq, 2)
pool("MaxPool1D ceil", F.max_pool1d, seq, 3, 2, ceil_mode=True)
pool("MaxPool2D ceil", F.max_pool2d, image, 3, 2, 1, ceil_mode=True)
pool("MaxPool3D", F.max_pool3d, volume, 2)
pool("MaxPool3D padded", F.max_pool3d, volume, 3, 2, (1, 0, 1))
pool("AvgPool1D", F.avg_pool1d, seq, 2)
pool("AvgPool1D padded", F.avg_pool1d, seq, 3, 2, 1)
pool("AvgPool2D ceil", F.avg_pool2d, image, 3, 2, 1, ceil_mode=True)
pool("AvgPool3D", F.avg_pool3d, volume, 2)
pool("AvgPool3D ceil", F.avg_pool3d, volume, 2, ceil_mode=True, count_include_pad=False)
for n, x in [(1, seq), (2, image), (3, volume)]:
    mean, largest = [None, F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d][n], [None, F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d][n]
    for name, f in [("Avg", mean), ("Max", largest)]:
        case(f"Global{name}Pool{n}D", lambda x: f(nchw(x), 1).flatten(1), x)
        case(f"Global{name}Pool{n}D kept", lambda x: nhwc(f(nchw(x), 1)), x)
        size = [None, 4, (4, None), (2, 3, 4)][n]
        case(f"Adaptive{name}Pool{n}D", lambda x: nhwc(f(nchw(x), size)), x)
save(__file__)
