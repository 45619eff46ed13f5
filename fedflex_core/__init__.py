"""FedFlex: a live study of federated recommendation that people open in a browser."""

__version__ = "0.1.0"
