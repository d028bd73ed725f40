"""Sources of frames: files, URLs, standard input, cameras."""
