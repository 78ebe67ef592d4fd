"""The estimator for scikit-learn: `from mycaffe_py.sklearn import SiameseEncoder`."""

from mycaffe_py.optional import optional

optional("sklearn", "sklearn", "mycaffe_py.sklearn")

from mycaffe_py.api.siamese_encoder import SiameseEncoder  # noqa: E402  (it needs the package)

__all__ = ["SiameseEncoder"]
