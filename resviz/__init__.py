"""resviz: twin networks one shortcut apart, learning live, to show why residual connections work."""

__version__ = "0.1.0"
