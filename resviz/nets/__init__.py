"""The networks of the app, and how a spec names one."""

from resviz.nets.resnet import ResNet, build, checksum

__all__ = ["ResNet", "build", "checksum"]
