"""SkyServer: pick a cloud type, get a seamless skybox."""

__version__ = "0.1.0"
