//! Lists on scratch sites.
