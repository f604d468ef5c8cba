//! Where a site is, what its settings are, its logs, its templates and message catalogues.
