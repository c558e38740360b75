"""One step per task: path in, path out. Reads with `files`, computes with `science`, writes with `files`."""
