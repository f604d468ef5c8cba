//! Evaluates `Defaults.py` and `mm_cfg.py` without Python.
