from mycaffe_py.api.blob_net import BlobNet as BlobNet
from mycaffe_py.api.index import Index as Index
from mycaffe_py.api.load import load as load
from mycaffe_py.api.picture_blob import blob_from_image as blob_from_image
from mycaffe_py.api.picture_blob import blob_from_images as blob_from_images
from mycaffe_py.api.train import train as train
from mycaffe_py.api.trained_net import TrainedNet as TrainedNet
from mycaffe_py.errors import MyCaffeError as MyCaffeError
from mycaffe_py.errors import UserError as UserError

__version__: str
