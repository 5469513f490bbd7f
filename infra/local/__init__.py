"""Local deployment: the synthesized template, on an emulated AWS, behind an HTTP front on loopback."""
