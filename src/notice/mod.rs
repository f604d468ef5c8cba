//! Messages that Mailman itself writes: templates, languages, the virgin queue.
