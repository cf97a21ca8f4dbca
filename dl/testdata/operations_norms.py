# Normalisation. Channels are last.
first, last = lambda x: x.movedim(-1, 1), lambda x: x.movedim(1, -1)
group = lambda n: lambda x, g, b: last(F.group_norm(first(x), n, g, b, 1e-3))
case("dl.GroupNorm", group(2), away(2, 3, 4), away(4), away(4))
case("dl.GroupNorm of images", group(3), away(2, 2, 3, 6), away(6), away(6))
case("dl.GroupNorm of rows", group(2), away(3, 6), away(6), away(6))
case("dl.GroupNorm of instances", lambda x: last(F.instance_norm(first(x), eps=1e-3)), away(2, 5, 3))
case("dl.RMSNorm", lambda x, g: F.rms_norm(x, (4,), g, 1e-3), away(2, 3, 4), away(4))
