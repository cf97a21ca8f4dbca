"""Windows as rows, and pools by norms: writes sliding.json."""
from record import *


def rows(y, c):
    """[N, C*K, L] as [N, L, K*C]"""
    n, _, l = y.shape
    return y.reshape(n, c, -1, l).permute(0, 3, 2, 1).reshape(n, l, -1)


def columns(x, c):
    n, l, _ = x.shape
    return x.reshape(n, l, -1, c).permute(0, 3, 2, 1).reshape(n, -1, l)


image, o = away(2, 5, 4, 2), dict(stride=(2, 1), padding=1, dilation=(1, 2))
case("Unfold", lambda x: rows(F.unfold(nchw(x), (2, 3)), 2), image)
case("Unfold with options", lambda x: rows(F.unfold(nchw(x), (3, 2), **o), 2), image)
case("Fold", lambda x: nhwc(F.fold(columns(x, 2), (5, 4), (2, 3))), away(1, 8, 12))
case("Fold with options", lambda x: nhwc(F.fold(columns(x, 2), (5, 4), (3, 2), **o)), away(1, 12, 12))
case("LPPool1D", lambda x: nhwc(F.lp_pool1d(nchw(x), 2, 2)), away(2, 6, 2))
case("LPPool1D of norm 3", lambda x: nhwc(F.lp_pool1d(nchw(x.abs()), 3, 3, 2)), away(2, 7, 2))
case("LPPool2D", lambda x: nhwc(F.lp_pool2d(nchw(x), 2, 2)), away(1, 4, 5, 2))
case("LPPool2D of norm 1.5", lambda x: nhwc(F.lp_pool2d(nchw(x.abs()), 1.5, (3, 2), (1, 2))), away(1, 5, 5, 2))
save(__file__)
