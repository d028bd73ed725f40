"""Makes pixels of image files, arrays, PIL images and tensors, and image files of pixels."""
