"""The forms in which `gonogo check` tells what it found: each module has one function, `tell`."""
