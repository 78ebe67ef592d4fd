import json
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

net = onnxruntime.InferenceSession(sys.argv[1])
labels = json.loads(net.get_modelmeta().custom_metadata_map["labels"])
entry = net.get_inputs()[0]
height, width = entry.shape[1:3]
for path in sys.argv[2:]:
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    pictures = np.asarray(picture)[np.newaxis]  # (1, height, width, 3), 0-255
    outputs = ["label", "distance", "unknown"]
    (label,), (distance,), (unknown,) = net.run(outputs, {entry.name: pictures})
    print(f"{path}: {'unknown' if unknown else labels[label]} {distance:.6f}")
