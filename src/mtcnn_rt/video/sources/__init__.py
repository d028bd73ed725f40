"""Sources of frames: files, URLs, standard input and cameras."""
