//! Python 2's `email` package as Mailman meets it: messages, headers, charsets, addresses.
