//! A mailing list on disk: `config.pck`, the roster, `pending.pck`, `request.pck`.
