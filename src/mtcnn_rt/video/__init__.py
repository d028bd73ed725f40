"""Video: `source` -> detector -> `sink`, joined in `pipeline`.

Nothing is imported here, so that whoever needs one of the modules loads no more than that one."""
