# Writes transforms.json: what torchvision makes of two small images. Images are [height, width, channels] here.
#   python3 transforms.py > transforms.json
import json, torch, torchvision
import torchvision.transforms.functional as F
from torchvision.transforms import InterpolationMode

torch.manual_seed(1)
images = [torch.rand(3, 7, 9), torch.rand(1, 6, 5)]
B = InterpolationMode.BILINEAR
# Each name is a transform of the test table.
ops = {
    "hflip": F.hflip, "vflip": F.vflip,
    "pad": lambda x: F.pad(x, [1, 2, 3, 4], fill=0.25),
    "crop": lambda x: F.crop(x, 1, 2, 4, 3),
    "center": lambda x: F.center_crop(x, [4, 4]), "center large": lambda x: F.center_crop(x, [8, 12]),
    "resize down": lambda x: F.resize(x, [3, 4], interpolation=B, antialias=True),
    "resize up": lambda x: F.resize(x, [13, 11], interpolation=B, antialias=True),
    "rotate": lambda x: F.rotate(x, 30, interpolation=B), "rotate 90": lambda x: F.rotate(x, 90, interpolation=B),
    "affine": lambda x: F.affine(x, angle=20, translate=[1, -2], scale=1.3, shear=[10, -5], interpolation=B),
    "brightness": lambda x: F.adjust_brightness(x, 1.6), "contrast": lambda x: F.adjust_contrast(x, 1.7),
    "normalize": lambda x: F.normalize(x, [0.4] * x.shape[0], [0.3] * x.shape[0]),
    "blur": lambda x: F.gaussian_blur(x, [5, 5], [1.2, 1.2]),
    "erase": lambda x: F.erase(x, 1, 2, 3, 2, torch.tensor(0.5)),
}
colour = {
    "saturation": lambda x: F.adjust_saturation(x, 0.3), "hue": lambda x: F.adjust_hue(x, 0.2), "hue back": lambda x: F.adjust_hue(x, -0.4),
    "grey": lambda x: F.rgb_to_grayscale(x, 3), "grey one": lambda x: F.rgb_to_grayscale(x, 1),
}


def pack(x):
    x = x.permute(1, 2, 0)
    return {"shape": list(x.shape), "data": [float(f"{v:.8g}") for v in x.flatten().tolist()]}


out = {"torchvision": torchvision.__version__, "images": [pack(x) for x in images], "results": {}}
for i, x in enumerate(images):
    for name, f in (ops | colour if i == 0 else ops).items():
        out["results"].setdefault(name, []).append(pack(f(x)))
print(json.dumps(out))
